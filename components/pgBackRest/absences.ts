import { pgBackRestFeatures } from "../../contract/pgBackRest";
import type { PrimaryConfig } from "../primary/schema";
import type { StandbyConfig } from "../standby/schema";
import { repositoriesOf } from "./repositories";
import type { BackupsConfig } from "./schema";

/** What decides what backups do without. */
interface AbsencesConfig {
  /** The engine of the stack. Default: the local one. */
  dockerHost?: string | undefined;
  /** `laterbase:primary`. */
  primary: PrimaryConfig;
  /** `laterbase:standbys`. */
  standbys: readonly StandbyConfig[];
  /** `laterbase:backups`. Default: no backups, and nothing to say. */
  backups?: BackupsConfig | undefined;
}

/** What backups of this configuration do without: a sentence each, for the preview. */
export function absences({ primary, standbys, backups, dockerHost }: AbsencesConfig): string[] {
  if (!backups) return [];
  const { version } = primary;
  const repositories = repositoriesOf(backups, version);
  if (repositories.length === 0) {
    return [
      'laterbase:backups.repositories is "none": archiving is off, so there are no backups and nothing can be restored to a moment.',
    ];
  }
  const can = pgBackRestFeatures(version);
  const here = `PostgreSQL ${version} has pgBackRest ${can.release}`;
  const near = standbys.some((one) => (one.dockerHost ?? dockerHost) === dockerHost);
  const open = repositories.filter(({ passphrase }) => passphrase === undefined);
  const all: [boolean, string][] = [
    [open.length > 0, notEncrypted(open.map(({ number }) => number))],
    [
      backups.schedules.full === undefined,
      "laterbase:backups.schedules.full is not set: after the first full backup no other is made, so nothing ever expires.",
    ],
    [
      !can.bundle,
      `${here}, which does not bundle small files: a backup of many small tables takes longer.`,
    ],
    [
      !can.block,
      `${here}, which stores no blocks: an incremental backup copies each changed file as a whole.`,
    ],
    [
      !can.verify,
      `${here}, whose verify has no report: Laterbase reads its log, and looks for gaps in the WAL.`,
    ],
    [
      can.standby === "n" && near,
      `Backups read the primary: with PostgreSQL ${version} only a superuser could start one on the standby.`,
    ],
    [
      can.standby !== "n" && standbys.length > 0 && !near,
      "Backups read the primary: no standby is on its engine.",
    ],
  ];
  return all.filter(([absent]) => absent).map(([, sentence]) => sentence);
}

function notEncrypted(numbers: readonly number[]): string {
  const subject = numbers.length === 1 ? "is" : "are";
  const word = numbers.length === 1 ? "Repository" : "Repositories";
  return `${word} ${numbers.join(", ")} of laterbase:backups ${subject} not encrypted: set encryption to {} before the first backup, or leave it so.`;
}
