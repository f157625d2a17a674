import type { BackupSettings, RepositorySettings } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";

/** What the stack says about backups. */
export function backupSettings({ config }: Pick<Context, "config">): BackupSettings {
  const { backups } = config;
  if (!backups) {
    throw new Failure("This stack makes no backups: set laterbase:backups and bring it up.");
  }
  if (backups.repositories.length === 0) {
    throw new Failure("Archiving is off: laterbase:backups.repositories names no repository.");
  }
  return backups;
}

/** The repositories of a run: all of them, or the one of this number. */
export function repositoriesOf(
  context: Pick<Context, "config">,
  number: number | undefined,
): RepositorySettings[] {
  const { repositories } = backupSettings(context);
  const wanted = repositories.filter((one) => number === undefined || one.number === number);
  if (wanted.length > 0) return wanted;
  const numbers = repositories.map((one) => one.number).join(", ");
  throw new Failure(`There is no repository ${number}: choose from ${numbers}.`);
}
