import { readFileSync } from "node:fs";
import { execa } from "execa";
import { version } from "../../package.json";
import { program } from "./program";
import type * as UnknownKeys from "./unknownKeys";
import { isNewer, newerKeys } from "./versions";

/** The tag of a stack, in its backend, with the version that deployed it last. */
const tag = "laterbase:version";

// deployedVersion.ts note <stack>: a deploy notes its version in the backend.
// deployedVersion.ts check <stack>: prints one sentence where the stack file has a key that only a newer version knows.
program(async ([what, stack = ""]) => {
  const pulumi = (...words: string[]) =>
    execa("pulumi", ["stack", "tag", ...words, "--stack", stack, "--non-interactive"], {
      reject: false,
    });
  if (what === "note") {
    const { exitCode, stderr } = await pulumi("set", tag, version);
    if (exitCode !== 0) throw new Error(`The version could not be noted: ${stderr.trim()}`);
    return 0;
  }
  const { stdout, exitCode } = await pulumi("get", tag);
  const deployed = exitCode === 0 ? stdout.trim() : "";
  if (!isNewer(deployed, version)) return 0;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: nearly no job needs the schemas
  const { unknownKeys } = require("./unknownKeys") as typeof UnknownKeys;
  const keys = unknownKeys(readFileSync(`Pulumi.${stack}.yaml`, "utf8"));
  const said = newerKeys(keys, { stack, own: version, deployed });
  if (said) console.log(said);
  return 0;
});
