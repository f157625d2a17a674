import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { program } from "./program";
import { fleetingDumps, withImages } from "./stackFile";

// workFile.ts <stack file> <work copy>: writes the stack file of a job. The variables LATERBASE_REGISTRY and
// LATERBASE_TAG say which images it has; without a registry it is a plain copy.
program(([from, to], env) => {
  if (!from || !to) throw new Error("It needs two files: workFile.ts <stack file> <work copy>.");
  const text = readFileSync(from, "utf8");
  const [registry, tag] = [env["LATERBASE_REGISTRY"], env["LATERBASE_TAG"]];
  if (registry && !tag)
    throw new Error("LATERBASE_TAG is not set: it is the tag of the images in LATERBASE_REGISTRY.");
  const fleeting = fleetingDumps(text, basename(from));
  if (fleeting) throw new Error(fleeting);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(`${to}.new`, registry && tag ? withImages(text, { registry, tag }) : text);
  renameSync(`${to}.new`, to);
  return 0;
});
