import type Docker from "dockerode";
import type { EmptyPrimaryInput, StoredRepository } from "../../../contract/emptyPrimaryStep";
import { primaryDataFiles } from "../../../contract/primaryData";
import { visible } from "../../../contract/visible";
import { runAsRoot } from "../../engine/rootScript";
import type { StepPlace } from "../../engine/stepContainer";
import { hasVolume } from "../look/data";
import { trialPlace } from "../../primary/pgBackRest/files";
import { takeOverFolders } from "../../primary/pgBackRest/folders";
import { readInfo } from "./info";
import { pgBackRest } from "./stanza";

/** What is in the repositories of a primary without data. */
interface Found {
  number: number;
  location: string;
  /** The newest backup. */
  newest?: string;
  /** Why nobody knows what is in it. */
  why?: string;
}

/**
 * The sentences against an empty primary beside its backups. Empty: the primary has its data, or there are no backups.
 *
 * @param host the engine's address; empty is the local one
 */
export async function backupsOfNoPrimary(
  engine: Docker,
  input: EmptyPrimaryInput,
  host: string,
): Promise<string[]> {
  const { data, files, stanza, store, mounts, restore } = input;
  const place: StepPlace = { host, ...input.place };
  if (await hasFile(engine, place, data, primaryDataFiles)) return [];
  await takeOverFolders(engine, input);
  const found: Found[] = [];
  if (stanza.repositories.length > 0) {
    const trial = { place: trialPlace({ ...place, mounts }), files, stanza };
    const said = await pgBackRest(trial, ["info", "--output=json"]);
    if (said.code !== 0) {
      const why = visible(said.stderr.trim().split("\n").at(-1) ?? "");
      throw new Error(
        `The repositories cannot be read (pgBackRest ended with ${said.code}): ${why}.`,
      );
    }
    const places = new Map(stanza.repositories.map((one) => [one.number, one.location]));
    for (const { number, state, why, newest } of readInfo(said.stdout, stanza.name).repositories) {
      const location = places.get(number) ?? "";
      if (state === "unreadable") found.push({ number, location, why });
      else if (newest !== undefined) found.push({ number, location, newest });
    }
  }
  if (store && (await holdsBackup(engine, place, store, stanza.name))) found.push(store);
  return refusals(found, { data, restore });
}

/** The sentences. A repository that nobody can read may hold all backups. */
export function refusals(
  found: readonly Found[],
  { data, restore }: Pick<EmptyPrimaryInput, "data" | "restore">,
): string[] {
  if (found.length === 0) return [];
  const each = found.map(({ number, location, newest, why }) => {
    const name = `Repository ${number} (${location})`;
    if (why !== undefined) {
      return `${name} cannot be read: ${why}. Where another machine generated its passphrase, set laterbase:backups.encryption.passphrase to that.`;
    }
    return `${name} holds backups of it${newest === undefined ? "" : `, the newest of them ${newest}`}.`;
  });
  return [
    `The primary has no data: its volume ${data} is missing or empty. It was not started, because it would be empty.`,
    ...each,
    found.every(({ why }) => why !== undefined)
      ? `On a new stack, give the repository what it needs to answer. To get lost data back, run '${restore}', which shows what it does first.`
      : `To get the data back, run '${restore}', which shows what it does first.`,
    "To begin with an empty primary, set laterbase:backups.stanza to another name: the backups stay where they are.",
  ];
}

/** Whether a finished backup is there. The stanza alone is no reason: nothing could be restored from it. */
const holdsBackup = (
  engine: Docker,
  place: StepPlace,
  { volume, folder }: StoredRepository,
  stanza: string,
): Promise<boolean> =>
  look(engine, place, volume, {
    script: 'for file in "/look/$1"/*/backup.manifest; do [ ! -e "$file" ] || exit 0; done; exit 3',
    words: [`${folder}/backup/${stanza}`],
  });

/** Whether a volume has one of the files. */
const hasFile = (engine: Docker, place: StepPlace, volume: string, files: readonly string[]) =>
  look(engine, place, volume, {
    script: 'for file; do [ ! -e "/look/$file" ] || exit 0; done; exit 3',
    words: files,
  });

/** Whether a script finds something in a volume, at /look. A volume that is not there is not made. */
async function look(
  engine: Docker,
  { image }: StepPlace,
  volume: string,
  { script, words }: { script: string; words: readonly string[] },
): Promise<boolean> {
  if (!(await hasVolume(engine, volume))) return false;
  const { code, stderr } = await runAsRoot(engine, {
    ...{ image, script, words },
    // The folders belong to PostgreSQL's user.
    capabilities: ["DAC_READ_SEARCH"],
    mounts: [{ volume, target: "/look" }],
  });
  if (code === 0 || code === 3) return code === 0;
  throw new Error(`The volume ${volume} cannot be looked at: ${stderr.trim()}.`);
}
