import type { RepositorySettings } from "../../../../contract/pgBackRest";
import { controlled } from "../../../../contract/pgControl";
import { elapsed } from "../../kit/clock";
import type { Context, Say } from "../../kit/context";
import { Failure } from "../../kit/failure";
import { arrivalProblem } from "../arrival";
import { type Backup, readInfo } from "../info";
import type { ArchivedSegment } from "../restore/facts";
import { repositoryFacts } from "../restore/gather";
import { isBefore } from "../restore/lsn";
import { askServer } from "../servers";
import { backupSettings } from "../settings";
import { readPrimary } from "./primarySource";
import { controlData, type DrillServer, RecoveryEnded } from "./server";
import { leastSettings } from "./settings";
import type { SourceState } from "./source";
import { hasStandby, readStandby, whyNotStandby } from "./standbySource";
import { damagedSegment, walTo } from "./wal";

/** The rows of the standby where there is one that can be read, and else those of the primary. */
export async function readSource(
  context: Context,
  say: Say,
  signal: AbortSignal,
): Promise<SourceState> {
  say("writing the marker");
  if (!hasStandby(context)) return readPrimary(context, say, signal);
  try {
    return await readStandby(context, say, signal);
  } catch (error) {
    signal.throwIfAborted();
    const why = whyNotStandby(error);
    context.log(why);
    const state = await readPrimary(context, say, signal);
    return { ...state, notes: [why, ...state.notes] };
  }
}

interface Replaying {
  repository: RepositorySettings;
  say: Say;
  signal: AbortSignal;
  set: Backup;
  state: SourceState;
  server: DrillServer;
}

interface Replayed {
  files: ArchivedSegment[];
  seconds: number;
  lastCommit?: string;
}

/** Waits until the WAL of the target is in the repository, and replays it. */
export async function replay(
  context: Context,
  { repository, set, state, server, say, signal }: Replaying,
): Promise<Replayed> {
  const { number } = repository;
  const { target, marker } = state;
  const { archiveId } = await readInfo(context, number, { signal });
  if (archiveId === undefined) throw new Failure("The stanza is not there yet.");
  say("waiting until the WAL of the marker is in the repository");
  // It ends the segment of the target, and writes the record at which the replay stops.
  const problem = await arrivalProblem(context, number, archiveId, signal);
  if (problem !== undefined) throw new Failure(problem);
  const facts = () => repositoryFacts(context, repository, { signal });
  const files = await walTo(facts, { set, timeline: marker.timeline, target, signal });
  say(`replaying ${files.length} WAL segments to ${target}`);
  const began = elapsed();
  const least = leastSettings(await controlData(context, signal), await primarySettings(context));
  const { stanza } = backupSettings(context);
  const { major } = context.config;
  await server.start({
    ...{ major, stanza, repository: number, timeline: marker.timeline, target, least },
  });
  const reached = await server.reached().catch(async (error: unknown) => {
    if (!(error instanceof RecoveryEnded)) throw error;
    const damage = await damagedSegment(context, number, files, signal);
    throw damage === undefined ? error : new Failure(`${damage} ${error.message}`);
  });
  if (isBefore(reached.lsn, marker.lsn)) {
    throw new Failure(`It was replayed to ${reached.lsn}, and the marker is at ${marker.lsn}.`);
  }
  if (reached.lsn !== target) {
    throw new Failure(`It was replayed to ${reached.lsn} instead of ${target}.`);
  }
  const { lastCommit } = reached;
  const seconds = (elapsed() - began) / 1000;
  return { files, seconds, ...(lastCommit === undefined ? {} : { lastCommit }) };
}

/** The primary's values of the settings that its WAL may need from now on. */
async function primarySettings(context: Context): Promise<Record<string, string>> {
  const names = controlled("least").map(({ name }) => `'${name}'`);
  const asked = `SELECT pg_catalog.json_object_agg(name, setting) AS settings
                   FROM pg_catalog.pg_settings WHERE name IN (${names.join(", ")})`;
  const { settings } = await askServer<{ settings: Record<string, string> }>(
    context,
    "primary",
    asked,
  );
  return settings;
}
