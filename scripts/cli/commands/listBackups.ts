import type { ListedDrill, ListedRepository } from "../../../contract/agentReplies";
import type { OperatorCommand } from "../operatorCommand";
import type { BackupsResult, ListedRestored } from "../backupsResult";
import type { Session } from "../session";
import { primaryOf } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { age, moment, seconds, size } from "../terminal/format";
import { repositoryOption } from "../terminal/repositoryOption";
import { table } from "../terminal/table";
import { listedRestored } from "./restoreBeside";
import { unfinishedLines } from "./unfinishedLine";

export const listBackups: OperatorCommand = {
  name: "list-backups",
  description: "list the backups of each repository, the oldest first, and the newest WAL there",
  example: "list-backups --repo 1",
  documented: "docs/backups.md#by-hand",
  options: [repositoryOption()],
  exits: {
    1: "no repository can be read",
    3: "some repositories can be read, and others cannot",
  },
  run: listThem,
};

/** A repository without backups is a good answer too. */
async function listThem(session: Session, { repo }: { repo?: number }): Promise<void> {
  const repositories = await session.askBackups<ListedRepository[]>("list-backups", { repo });
  const now = new Date();
  const restored = await restoredBeside(session, now);
  const [inPlace] = await unfinishedLines(session);
  const result: BackupsResult = {
    repositories,
    ...(restored ? { restored } : {}),
    ...(inPlace === undefined ? {} : { inPlace }),
  };
  const more = [restored?.sentence, inPlace].filter((one) => one !== undefined);
  session.show(result, () =>
    [...repositories.map((one) => described(session, one, now)), ...more].join("\n\n"),
  );
  const bad = repositories.filter(({ problem }) => problem !== undefined);
  const [first] = bad;
  if (!first) return;
  throw new CliError(
    `Repository ${first.repository} cannot be read: ${first.problem}`,
    bad.length < repositories.length ? 3 : 1,
  );
}

/** What a restore beside the primary has left. An engine that does not answer hides no backups. */
async function restoredBeside(session: Session, now: Date): Promise<ListedRestored | undefined> {
  const primary = primaryOf(await session.stackOutputs());
  if (!primary) return undefined;
  const seen = await session.servers.beside.look(primary).catch(() => undefined);
  return seen && listedRestored(session, seen, now);
}

function described(session: Session, repository: ListedRepository, now: Date): string {
  const { lastDrill } = repository;
  const drilled = lastDrill ? [drillLine(lastDrill, now)] : [];
  return [...backupLines(session, repository, now), ...drilled].join("\n");
}

function backupLines(session: Session, repository: ListedRepository, now: Date): string[] {
  const { backups, newestWal, problem, encrypted, type, location } = repository;
  const open = encrypted ? "encrypted" : "not encrypted";
  const title = `Repository ${repository.repository} (${type}, ${location}, ${open})`;
  if (problem !== undefined) return [`${title} cannot be read: ${problem}`];
  const wal = newestWal
    ? `The newest WAL is ${newestWal.segment}, of ${moment(newestWal.at)} (${age(newestWal.at, now)}).`
    : "There is no WAL yet.";
  if (backups.length === 0) {
    const make = session.command("backup full");
    return [`${title} has no backups yet; '${make}' makes one.`, wal];
  }
  const rows = backups.map((one) => [
    ...[one.label, one.type, moment(one.endedAt), age(one.endedAt, now)],
    ...[size(one.bytes), size(one.repositoryBytes), one.source ?? ""],
    one.pageErrors ? "WRONG PAGE CHECKSUMS" : "",
  ]);
  const head = ["LABEL", "TYPE", "ENDED", "AGE", "DATABASE", "ADDED", "SOURCE", ""];
  return [title, table([head, ...rows]), wal];
}

/** What the last drill says of a repository: whether it restores, and how long that takes. */
function drillLine({ at, result, detail, ...drill }: ListedDrill, now: Date): string {
  const day = `The last drill, of ${moment(at)} (${age(at, now)}),`;
  if (drill.noRoom) return `${day} could not be made: ${detail}`;
  if (result === "failed") return `${day} FAILED: ${detail}`;
  const { unproven, recoverySeconds } = drill;
  const verdict = unproven
    ? `found nothing wrong, and its proof of ${unproven.join(" and ")} is unproven`
    : "passed";
  const took =
    recoverySeconds === undefined
      ? ""
      : `: a server with everything answered after ${seconds(recoverySeconds)}`;
  return `${day} ${verdict}${took}.`;
}
