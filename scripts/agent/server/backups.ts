import { pgBackRestPaths } from "../../../contract/pgBackRest";
import { noteSchedule } from "../pgBackRest/lastDrill";
import { makeLogFolder } from "../pgBackRest/logs";
import { sentenceOf } from "../kit/failure";
import { together } from "../kit/together";
import type { Agent } from "./agent";
import { watchDrills } from "./afterDrill";
import { MissedBackups } from "./missedBackups";
import { RepositoryWatch } from "./repositoryWatch";
import type { Status } from "./status";

/** Watches the repositories and makes the backups that are missed, where the stack makes backups. */
export async function watchBackups(
  agent: Agent,
  status: Status,
  signal: AbortSignal,
): Promise<void> {
  const { context, backupAttempts } = agent;
  if (!context.config.backups?.repositories.length) return;
  await makeLogFolder(pgBackRestPaths.logs).catch((error: unknown) =>
    context.log(`pgBackRest writes no logs: ${sentenceOf(error)}`),
  );
  await backupAttempts.read(context);
  await noteSchedule(context).catch((error: unknown) =>
    context.log(`since when drills are due is not noted: ${sentenceOf(error)}`),
  );
  const watch = new RepositoryWatch(context, () => status.write());
  status.add(() => watch.status());
  // A repository that is away a moment later is known by what it had.
  agent.backupEnded = () => void watch.look(signal).catch(() => undefined);
  const missed = new MissedBackups(agent, watch, backupAttempts);
  await together(
    [missed.watch(signal), watch.watch(signal), watchDrills(context, agent.backups, signal)],
    signal,
  );
}
