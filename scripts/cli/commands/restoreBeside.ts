import { rm } from "node:fs/promises";
import type { RestoreRecordRequest } from "../../../contract/agentRequests";
import { quoted } from "../../../contract/quoting";
import type { BesideSeen } from "../restore/besideLook";
import type { RestoredBeside } from "../restore/beside";
import { beginDump, unfinishedDump } from "../restore/dumpFile";
import { holdingExpire } from "../restore/holdExpire";
import type { ListedRestored } from "../backupsResult";
import type { Session } from "../session";
import { type Located, primaryOf } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { age, moment, seconds, size, word } from "../terminal/format";
import { planned, type RestoreCommandOptions } from "./restorePlan";
import { planText, type ShownPlan, targetWords } from "./restorePlanText";

/** Restores a server beside the primary, or one database of it into a file. */
export async function restoreServer(
  session: Session,
  options: RestoreCommandOptions,
): Promise<void> {
  const { database } = options;
  const primary = await managedPrimary(session);
  await holdingExpire(session, async () => {
    const plan = await planned(session, options);
    session.terminal.progress(planText(plan));
    if (database !== undefined) return restoreDatabase(session, { primary, plan, database });
    const restored = await restoreIt(session, primary, plan, { port: options.port });
    await noteTimes(session, plan, restored);
    session.show({ ...restored, plan }, () => summary(session, restored));
  });
}

/** One database of a restored server, which then goes, into a file that is whole or not there. */
async function restoreDatabase(
  session: Session,
  { primary, plan, database }: { primary: Located; plan: ShownPlan; database: string },
): Promise<void> {
  const file = await beginDump(database, new Date());
  try {
    const restored = await restoreIt(session, primary, plan, { database });
    await noteTimes(session, plan, restored);
    const bytes = await dumped(session, { primary, restored, database, file });
    const result = { database, file, bytes, reached: restored.reached, plan };
    session.show(result, () => dumpSummary(session, { ...result, restored }));
  } finally {
    await rm(unfinishedDump(file), { force: true });
  }
}

/** Removes the restored server, with its data. */
export async function removeRestored(session: Session, yes = false): Promise<void> {
  const primary = await managedPrimary(session);
  const { beside } = session.servers;
  const seen = await beside.look(primary);
  if (seen.kind === "server") {
    const { target, since } = seen.server;
    await session.confirm(
      `This removes the restored server with its data, ${target}, of ${moment(since)}. Type the stack's name to go on: `,
      session.stack,
      yes,
    );
  }
  const removed = await beside.remove(primary, session.stack);
  session.show({ removed }, () =>
    removed ? "The restored server and its data are removed." : "There is no restored server.",
  );
}

/** What `list-backups` says of a restored server. Undefined: there is none. */
export function listedRestored(
  session: Session,
  seen: BesideSeen,
  now: Date,
): ListedRestored | undefined {
  const remove = session.command("restore --remove");
  switch (seen.kind) {
    case "server": {
      const { host, port, target, since, running } = seen.server;
      const stopped = running ? "" : ", which is stopped";
      const sentence = `A restored server is at ${host}:${port}${stopped}: ${target}. It is there since ${moment(since)} (${age(since, now)}). '${remove}' removes it.`;
      return { state: running ? "running" : "stopped", sentence, server: seen.server };
    }
    case "unfinished": {
      const sentence = `A restore beside the primary is not finished. If none is at work, '${remove}' removes what it left.`;
      return { state: "unfinished", sentence };
    }
    case "volume": {
      const sentence = `The volume ${seen.volume} holds the data of an earlier restore. '${remove}' removes it.`;
      return { state: "data", sentence };
    }
    default:
      return undefined;
  }
}

async function managedPrimary(session: Session): Promise<Located> {
  const primary = primaryOf(await session.stackOutputs());
  if (primary) return primary;
  throw new CliError(
    `The primary of stack ${session.stack} is external, so it has no backups: a standby and dumps protect it.`,
    4,
  );
}

async function restoreIt(
  session: Session,
  primary: Located,
  plan: ShownPlan,
  { port, database }: Pick<RestoreCommandOptions, "port" | "database">,
): Promise<RestoredBeside> {
  const outputs = await session.stackOutputs();
  const { password } = await session.superuser();
  const job = {
    stack: session.stack,
    stanza: outputs.backups?.stanza ?? "",
    plan,
    target: targetWords(plan),
    remove: session.command("restore --remove"),
    ...{ database, port, password },
  };
  const say = (line: string) => session.terminal.progress(line);
  return session.servers.beside.restore(primary, job, say, session.signal);
}

/** Plans estimate by past restores. One that cannot be noted is no failure. */
export async function noteTimes(
  session: Session,
  plan: ShownPlan,
  { seconds: taken, target }: { seconds: { copy: number; replay: number }; target: string },
): Promise<void> {
  const request: RestoreRecordRequest = {
    target,
    set: plan.set.label,
    bytes: plan.set.bytes,
    seconds: taken.copy,
    replay: { bytes: plan.wal.bytes, seconds: taken.replay },
  };
  await session
    .askBackups("record-restore", { ...request })
    .catch((error: Error) => session.terminal.progress(`The time was not noted: ${error.message}`));
}

function summary(session: Session, restored: RestoredBeside): string {
  const { host, port, target, reached, timeline, container, seconds: taken } = restored;
  const last = reached.at === undefined ? "" : `, and the last transaction is of ${reached.at}`;
  return [
    `Restored in ${seconds(taken.all)}: ${target}. The WAL was replayed to ${reached.lsn}${last}; the server writes timeline ${timeline}.`,
    `It is at ${host}:${port} of the primary's engine (container ${container}), and archives nothing. The primary went on.`,
    `Log in as postgres, with the password that '${session.command("credentials")}' shows:`,
    `  psql -h ${host} -p ${port} -U postgres`,
    `When you have what you need: ${session.command("restore --remove")}`,
  ].join("\n");
}

interface Dumped {
  primary: Located;
  restored: RestoredBeside;
  database: string;
  file: string;
}

/** Dumps the database, and removes the server whatever happens. */
async function dumped(
  session: Session,
  { primary, restored, database, file }: Dumped,
): Promise<number> {
  const { beside } = session.servers;
  const server = { ...primary, name: restored.container };
  try {
    session.terminal.progress(`dumping ${quoted(database)}`);
    return await beside.dump(server, database, file, session.signal);
  } finally {
    session.terminal.progress("removing the restored server");
    await beside.remove(primary, session.stack);
  }
}

function dumpSummary(
  session: Session,
  { database, file, bytes, restored }: Omit<Dumped, "primary"> & { bytes: number },
): string {
  const restore = session.command(`restore-dump --file ${word(file)}`);
  return [
    `${quoted(database)} as it was is in ${file} (${size(bytes)}): ${restored.target}. The restored server is removed.`,
    `To restore it into a new database: ${restore}`,
  ].join("\n");
}
