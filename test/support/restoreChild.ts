import { main } from "../../scripts/cli/main";
import { askAgent } from "../../scripts/cli/servers/askAgent";
import { servers } from "../../scripts/cli/servers/servers";
import type { KnownOutputs } from "../../scripts/cli/stack/outputs";
import type { SuperuserLogin } from "../../scripts/cli/stack/superuser";
import { terminal } from "../../scripts/cli/terminal/terminal";

// The operator's command in a process of its own, on a lab: a test kills it.
const outputs = JSON.parse(process.env["LAB_OUTPUTS"] ?? "") as KnownOutputs;
const stack = process.env["LAB_STACK"] ?? "";
const connections = {
  readOutputs: () => Promise.resolve(outputs),
  readSuperuser: () =>
    Promise.resolve(JSON.parse(process.env["LAB_SUPERUSER"] ?? "") as SuperuserLogin),
  ...{ askAgent, servers, terminal: terminal() },
};
void main(["--stack", stack, ...process.argv.slice(2)], connections).then((code) =>
  process.exit(code),
);
