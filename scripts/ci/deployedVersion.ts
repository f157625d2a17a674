import { readFileSync } from "node:fs";
import { execa } from "execa";
import { version } from "../../package.json";
import { commitOf, olderCommit } from "./deployedCommit";
import { program } from "./program";
import type * as UnknownKeys from "./unknownKeys";
import { isNewer, newerKeys } from "./versions";

/** The tags of a stack, in its backend, with the version and the commit that deployed it last. */
const tags = { version: "laterbase:version", commit: "laterbase:commit" };

// deployedVersion.ts note <stack>: a deploy notes its version and its commit in the backend.
// deployedVersion.ts check <stack>: prints one sentence where the stack file has a key that only a newer version knows.
// deployedVersion.ts older <stack>: prints one sentence where a newer commit than this one deployed the stack last.
program(async ([what, stack = ""], env) => {
  const pulumi = (...words: string[]) =>
    execa("pulumi", ["stack", "tag", ...words, "--stack", stack, "--non-interactive"], {
      reject: false,
    });
  const noted = async (tag: string) => {
    const { stdout, exitCode } = await pulumi("get", tag);
    return exitCode === 0 ? stdout.trim() : "";
  };
  if (what === "note") {
    const commit = await commitOf(".");
    const values = { [tags.version]: version, ...(commit ? { [tags.commit]: commit } : {}) };
    for (const [tag, value] of Object.entries(values)) {
      const { exitCode, stderr } = await pulumi("set", tag, value);
      if (exitCode !== 0) throw new Error(`The version could not be noted: ${stderr.trim()}`);
    }
    return 0;
  }
  if (what === "older") {
    if (env["LATERBASE_ROLLBACK"] === "yes" || !(await commitOf("."))) return 0;
    const older = await olderCommit(".", { stack, deployed: await noted(tags.commit) });
    if (older) console.log(older);
    return 0;
  }
  const deployed = await noted(tags.version);
  if (!isNewer(deployed, version)) return 0;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: nearly no job needs the schemas
  const { unknownKeys } = require("./unknownKeys") as typeof UnknownKeys;
  const keys = unknownKeys(readFileSync(`Pulumi.${stack}.yaml`, "utf8"));
  const said = newerKeys(keys, { stack, own: version, deployed });
  if (said) console.log(said);
  return 0;
});
