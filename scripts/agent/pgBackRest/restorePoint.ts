import type { RestorePointMade } from "../../../contract/agentReplies";
import type { MadePoint } from "../../../contract/jobRecord";
import { quoted } from "../../../contract/quoting";
import { isPointName, pointNameRule } from "../../../contract/restoreTarget";
import type { Context, Say } from "../kit/context";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { readRuns, writeRecord } from "../kit/records";
import { arrivalOf } from "./arrival";
import { readInfo } from "./info";
import { askServer, stateOf, whyNoServer } from "./servers";
import { repositoriesOf } from "./settings";

/** Makes the point and ends its segment, so that it is archived soon. The name is a bind parameter. */
const MAKE = `
SELECT $1::text AS name, lsn::text, pg_catalog.pg_walfile_name(lsn) AS segment,
       ('x' || substr(pg_catalog.pg_walfile_name(lsn), 1, 8))::bit(32)::int AS timeline,
       pg_catalog.to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
  FROM pg_catalog.pg_create_restore_point($1::text) AS lsn
 WHERE pg_catalog.pg_switch_wal() >= lsn`;

/**
 * Makes a restore point on the primary, and waits until each repository has its WAL.
 *
 * @throws Failure when there is one of this name already: a restore to it would stop at the first one
 */
export async function makeRestorePoint(
  context: Context,
  name: unknown,
  say: Say,
  signal: AbortSignal,
): Promise<RestorePointMade> {
  if (typeof name !== "string" || !isPointName(name)) {
    throw new Failure(`A restore point needs a name of ${pointNameRule}, such as before_release.`);
  }
  const repositories = repositoriesOf(context, undefined);
  const runs = await readRuns(context, "restore-point");
  const earlier = runs.findLast(({ point }) => point?.name === name)?.point;
  if (earlier) {
    throw new Failure(
      `There is a restore point ${quoted(name)} already, of ${earlier.at}: choose another name.`,
    );
  }
  const point = await made(context, name);
  const record = { job: "restore-point", trigger: "operator", result: "success" } as const;
  const detail = `Made the restore point ${quoted(name)} at ${point.lsn} of timeline ${point.timeline}.`;
  await writeRecord(context, { ...record, startedAt: point.at, endedAt: point.at, detail, point });
  const archived = await Promise.all(
    repositories.map(async ({ number }) => {
      say(`repository ${number}: waiting for the WAL of the restore point`);
      const problem = await problemIn(context, number, point.segment, signal);
      return { repository: number, ...(problem === undefined ? {} : { problem }) };
    }),
  );
  return { ...point, archived };
}

async function made(context: Context, name: string): Promise<MadePoint> {
  try {
    return await askServer<MadePoint>(context, "primary", MAKE, [name]);
  } catch (error) {
    const state = await stateOf(context, "primary");
    throw new Failure(
      state.kind === "writes" ? withStop(sentenceOf(error)) : (await whyNoServer(context)).sentence,
    );
  }
}

async function problemIn(
  context: Context,
  repository: number,
  segment: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { archiveId } = await readInfo(context, repository, { signal });
    if (archiveId === undefined) return "The stanza is not there yet.";
    return await arrivalOf(context, { repository, archiveId, segment }, signal);
  } catch (error) {
    signal.throwIfAborted();
    return withStop(sentenceOf(error));
  }
}
