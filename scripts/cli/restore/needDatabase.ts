import { z } from "zod";
import type { RestorePlan } from "../../../contract/restorePlan";
import { quoted } from "../../../contract/quoting";
import { CliError } from "../terminal/cliError";
import type { RestoreContainer } from "./restoreContainer";

/** The database that is wanted of a restore. */
export interface WantedDatabase {
  database: string;
  stanza: string;
  plan: Pick<RestorePlan, "repository" | "set">;
  /** The databases of the primary. */
  present: () => Promise<readonly string[]>;
}

const info = z.array(
  z.object({
    backup: z.array(z.object({ "database-ref": z.array(z.object({ name: z.string() })) })),
  }),
);

/**
 * Looks for a database before a whole server is restored for it. It may have been dropped since, so the backup may have
 * it as well. Where one of the two does not say what it has, the restored server will.
 *
 * @throws CliError where both have none of this name
 */
export async function needDatabase(
  container: RestoreContainer,
  { database, stanza, plan, present }: WantedDatabase,
): Promise<void> {
  const there = await present().catch(() => undefined);
  if (!there || there.includes(database)) return;
  const { repository, set } = plan;
  const backed = await inBackup(container, stanza, repository.number, set.label);
  if (!backed || backed.includes(database)) return;
  throw new CliError(
    `Neither the primary nor the backup ${set.label} has a database ${quoted(database)}: the primary has ${there.map(quoted).join(", ")}. For one that was there only in between, restore without --database and dump it yourself.`,
    4,
  );
}

/** The databases of a backup. Undefined: pgBackRest does not say, as before its version 2.41. */
async function inBackup(
  container: RestoreContainer,
  stanza: string,
  repository: number,
  label: string,
): Promise<string[] | undefined> {
  const { code, stdout } = await container.run([
    ...["pgbackrest", "info", `--stanza=${stanza}`, `--repo=${repository}`, `--set=${label}`],
    ...["--output=json", "--log-level-file=off", "--log-level-console=off"],
  ]);
  if (code !== 0) return undefined;
  try {
    const backups = info.parse(JSON.parse(stdout)).flatMap(({ backup }) => backup);
    const names = backups.flatMap((one) => one["database-ref"]).map(({ name }) => name);
    return names.length > 0 ? names : undefined;
  } catch {
    return undefined;
  }
}
