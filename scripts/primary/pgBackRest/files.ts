import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { ArchiveSettings, PgBackRestInput, StepFile } from "../../../contract/pgBackRestStep";
import { shellQuote } from "../../../contract/quoting";
import { type StepPlace, runStep } from "../../engine/stepContainer";

/**
 * Writes pgBackRest's configuration into its volume. Any other file there goes.
 *
 * @param archives whether the primary archives from now on
 */
export async function writeFiles(
  place: StepPlace,
  files: readonly StepFile[],
  archives: boolean,
): Promise<void> {
  const finish = `finish\narchiving ${archives ? "on" : "off"} ${pgBackRestPaths.archives}`;
  const script = `${writingScript(files)}\n${finish}; exit\n`;
  const said = await runStep(writable(place), script, "apply");
  if (said.code === 0) return;
  const why = said.stderr.trim().split("\n").at(-1) || `exit code ${said.code}`;
  throw new Error(`The configuration of pgBackRest cannot be written: ${why}.`);
}

/** The beginning of a script for the standard input of `bash -s`. It holds the files, which hold secrets. */
export function writingScript(files: readonly StepFile[]): string {
  const puts = files.map(({ name, content, mode }) => {
    const lines = Buffer.from(content).toString("base64").replace(/.{76}/g, "$&\n");
    return `put ${shellQuote(name)} ${shellQuote(mode)} <<'LATERBASE_FILE'\n${lines}\nLATERBASE_FILE`;
  });
  const text = readFileSync(join(__dirname, "write.sh"), "utf8");
  return [text, ...puts, "prepare_repositories"].join("\n");
}

/** The file that the primary includes. */
export function archiveFile(settings: ArchiveSettings): StepFile {
  const lines = Object.entries({ ...settings }).map(
    ([name, value]) => `${name} = '${value.replace(/'/g, "''")}'\n`,
  );
  const name = pgBackRestPaths.archiveConf.slice(pgBackRestPaths.conf.length + 1);
  return { name, content: lines.join(""), mode: "0644" };
}

/** The containers of this step alone may write the configuration, and the mark beside the data. */
function writable(place: StepPlace): StepPlace {
  const written = [pgBackRestPaths.conf, dirname(pgBackRestPaths.archives)];
  const mounts = place.mounts?.map((mount) =>
    written.includes(mount.target) ? { ...mount, readOnly: false } : mount,
  );
  return { ...place, ...(mounts ? { mounts } : {}) };
}

/**
 * The place of a container that tries a configuration: its own /etc/pgbackrest is empty. What runs goes on with the
 * old configuration, which stays when the new one is refused.
 */
export function trialPlace(place: StepPlace): StepPlace {
  const { conf } = pgBackRestPaths;
  const mounts = place.mounts?.filter(({ target }) => target !== conf) ?? [];
  return { ...place, mounts, scratch: [conf] };
}

/** The place of the step's containers. */
export function placeOf({ place, mounts }: PgBackRestInput, host: string): StepPlace {
  return { host, ...place, mounts };
}
