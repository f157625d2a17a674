import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { ArchiveSettings, PgBackRestInput, StepFile } from "../../../contract/pgBackRestStep";
import { shellQuote } from "../../../contract/quoting";
import { type StepPlace, runStep } from "../../engine/stepContainer";

/**
 * Writes files of pgBackRest's configuration.
 *
 * @param which `all`: any other file goes. `some`: the others stay
 */
export async function writeFiles(
  place: StepPlace,
  files: readonly StepFile[],
  which: "all" | "some",
): Promise<void> {
  const said = await runStep(writable(place), writingScript(files, which), "apply");
  if (said.code === 0) return;
  const why = said.stderr.trim().split("\n").at(-1) || `exit code ${said.code}`;
  throw new Error(`The configuration of pgBackRest cannot be written: ${why}.`);
}

/** The script for the standard input of `bash -s`. It holds the files, which hold secrets. */
export function writingScript(files: readonly StepFile[], which: "all" | "some"): string {
  const puts = files.map(({ name, content, mode }) => {
    const lines = Buffer.from(content).toString("base64").replace(/.{76}/g, "$&\n");
    return `put ${shellQuote(name)} ${shellQuote(mode)} <<'LATERBASE_FILE'\n${lines}\nLATERBASE_FILE`;
  });
  const text = readFileSync(join(__dirname, "write.sh"), "utf8");
  return [text, ...puts, `finish ${which}; exit`, ""].join("\n");
}

/** The file that the primary includes. */
export function archiveFile(settings: ArchiveSettings): StepFile {
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replace(/'/g, "''")}'\n`,
  );
  const name = pgBackRestPaths.archiveConf.slice(pgBackRestPaths.conf.length + 1);
  return { name, content: lines.join(""), mode: "0644" };
}

/** The containers of this step alone may write the configuration. */
function writable(place: StepPlace): StepPlace {
  const mounts = place.mounts?.map((mount) =>
    mount.target === pgBackRestPaths.conf ? { ...mount, readOnly: false } : mount,
  );
  return { ...place, ...(mounts ? { mounts } : {}) };
}

/** The place of the step's containers. */
export function placeOf({ place, mounts }: PgBackRestInput, host: string): StepPlace {
  return { host, ...place, mounts };
}
