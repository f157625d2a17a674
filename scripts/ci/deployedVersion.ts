import { readFileSync } from "node:fs";
import { execa } from "execa";
import { version } from "../../package.json";
import { program } from "./program";
import { newerKeys, unknownKeys } from "./stackFile";

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
  const keys = unknownKeys(readFileSync(`Pulumi.${stack}.yaml`, "utf8"));
  if (keys.length === 0) return 0;
  const { stdout, exitCode } = await pulumi("get", tag);
  const deployed = exitCode === 0 ? stdout.trim() : "";
  const said = deployed ? newerKeys(keys, { stack, own: version, deployed }) : undefined;
  if (said) console.log(said);
  return 0;
});
