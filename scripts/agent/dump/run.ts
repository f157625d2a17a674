import { randomBytes } from "node:crypto";
import type { Context, Work } from "../kit/context";
import { databasesToDump } from "./discovery";
import { dumpDatabase } from "./database";
import { bytesOf } from "./finished";
import { Failure, sentenceOf, stackOf, withStop } from "../kit/failure";
import { elapsed } from "../kit/clock";
import { amount, duration } from "../kit/figures";
import { readRecord, writeRecord } from "../kit/records";
import { type Retained, retain } from "./retention";
import { timeLimit } from "../kit/timeLimit";
import { noteDatabases } from "./wanted";
import type { DatabaseResult, JobRecord, Trigger } from "../../../contract/jobRecord";
import type { Omission } from "../../../contract/manifest";
import { quoted } from "../../../contract/quoting";

/** The arguments of a run. The queue has checked them. */
export interface RunArgs {
  trigger: Trigger;
  databases?: string[];
  /** Accepts a dump that is much smaller than the last one. */
  acceptSmaller: boolean;
}

/**
 * One run: dumps every database, or those of `databases`. When one fails, the others are still
 * dumped. The record says how each ended, and is always written.
 */
export const dumpRun: Work = async (args, context, say, signal): Promise<JobRecord> => {
  const { trigger, databases, acceptSmaller } = args as unknown as RunArgs;
  const started = new Date();
  const limit = timeLimit(context.config.dumps.timeoutSeconds, "laterbase:dumps.timeout", signal);
  const application = `laterbase dump ${randomBytes(4).toString("hex")}`;
  const results: DatabaseResult[] = [];
  let leftOut: Omission[] = [];
  let failure: string | undefined;
  try {
    const found = await databasesToDump(context, application, limit.signal, databases);
    leftOut = found.leftOut;
    const names = databases ?? notReachedFirst(found.names, await readRecord(context, "dump"));
    for (const database of names) {
      const job = { database, application, acceptSmaller, leftOut, say, signal: limit.signal };
      results.push(await dumpOne(context, job));
    }
  } catch (error) {
    failure = withStop(sentenceOf(error));
  } finally {
    limit.clear();
  }
  const failed = results.filter(({ result }) => result === "failed");
  const record: JobRecord = {
    job: "dump",
    trigger,
    startedAt: started.toISOString(),
    endedAt: new Date().toISOString(),
    result: failure !== undefined || failed.length > 0 ? "failed" : "success",
    detail: failure ?? summary(results, failed),
    ...(databases ? { partial: true } : {}),
    databases: results,
    ...(leftOut.length > 0 ? { leftOut } : {}),
  };
  await writeRecord(context, record);
  await noteDatabases(context, results, databases !== undefined);
  context.log(`dump (${trigger}) ${record.result}: ${record.detail}`);
  for (const { what, why } of leftOut) context.log(`not dumped: ${what}, because ${why}`);
  return record;
};

/**
 * Those first that the limit of the last run left no time for. Otherwise a few databases that take long would keep
 * those that come after them from every dump.
 */
function notReachedFirst(
  names: readonly string[],
  last: Pick<JobRecord, "databases"> | undefined,
): readonly string[] {
  const notBegun = (last?.databases ?? []).filter(
    (one) => one.result === "failed" && one.seconds === 0,
  );
  const isFirst = (name: string) => notBegun.some(({ database }) => database === name);
  return [...names.filter(isFirst), ...names.filter((name) => !isFirst(name))];
}

/** Dumps one database. Its failure is a result, and the run goes on. */
async function dumpOne(
  context: Context,
  job: Parameters<typeof dumpDatabase>[1],
): Promise<DatabaseResult> {
  const { database, say } = job;
  const { databaseTimeoutSeconds } = context.config.dumps;
  // Its owner could keep it busy for as long as they like: the other databases have their turn.
  const key = "laterbase:dumps.databaseTimeout";
  const limit = timeLimit(databaseTimeoutSeconds, key, job.signal);
  const began = elapsed();
  const seconds = () => Math.round((elapsed() - began) / 100) / 10;
  try {
    job.signal.throwIfAborted();
    const { id, manifest, remark } = await dumpDatabase(context, { ...job, signal: limit.signal });
    const retained = await retain(context, database).catch((error: unknown): Retained => {
      context.log(`old dumps of ${quoted(database)} could not be removed: ${sentenceOf(error)}`);
      return { removed: [] };
    });
    const { removed, held } = retained;
    const detail = [
      `${amount(bytesOf(manifest))}, ${manifest.tables.length} tables, from the ${manifest.source.server}.`,
      ...(remark ? [remark] : []),
      ...notHeld(manifest.leftOut),
      ...(removed.length > 0 ? [`${removed.length} expired dumps were removed.`] : []),
      ...(held === undefined ? [] : [held]),
    ].join(" ");
    say(`${quoted(database)}: ${detail}`);
    const source = manifest.source.server;
    const bytes = bytesOf(manifest);
    return { database, result: "success", detail, seconds: seconds(), folder: id, bytes, source };
  } catch (error) {
    if (!(error instanceof Failure)) context.log(stackOf(error));
    const detail = withStop(sentenceOf(error));
    say(`${quoted(database)} failed: ${detail}`);
    return { database, result: "failed", detail, seconds: seconds() };
  } finally {
    limit.clear();
  }
}

const shownOmissions = 3;

/** A sentence that names what a dump does not hold. Nothing: it holds everything. */
export function notHeld(omissions: readonly Omission[]): string[] {
  if (omissions.length === 0) return [];
  const shown = omissions.slice(0, shownOmissions).map(({ what }) => what);
  const more = omissions.length - shown.length;
  return [
    `Not in it: ${shown.join(", ")}${more > 0 ? `, and ${more} more` : ""} (verify-dump says why).`,
  ];
}

function summary(results: readonly DatabaseResult[], failed: readonly DatabaseResult[]): string {
  const [first] = failed;
  if (first) {
    const one = `${quoted(first.database)}: ${first.detail}`;
    return results.length === 1
      ? one
      : `${failed.length} of ${results.length} databases failed; ${one}`;
  }
  const bytes = results.reduce((sum, result) => sum + (result.bytes ?? 0), 0);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const count = results.length === 1 ? "1 database" : `${results.length} databases`;
  return `${count}, ${amount(bytes)} in ${duration(seconds)}.`;
}
