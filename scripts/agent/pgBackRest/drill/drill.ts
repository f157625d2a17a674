import type { DrillResult, Unproven } from "../../../../contract/drillRecord";
import type { RepositorySettings } from "../../../../contract/pgBackRest";
import { elapsed } from "../../kit/clock";
import type { Context, Say } from "../../kit/context";
import { codeOf, sentenceOf } from "../../kit/failure";
import { newestWal } from "../archive";
import { exitCode } from "../../../../contract/pgBackRestExits";
import { readInfo } from "../info";
import { checkIndexes } from "./amcheck";
import { type CheckedPages, checkPages } from "./checksums";
import { cleanUp } from "./cleanUp";
import { compareAll } from "./compare";
import * as evidence from "./evidence";
import { drillSentence, Proofs, unprovenOf } from "./proofs";
import { readSource, replay } from "./replay";
import { restoredSentence, restoreNewest } from "./restoreSet";
import { DrillServer } from "./server";

/** A drill in one repository. */
export interface DrillTask {
  repository: RepositorySettings;
  say: Say;
  signal: AbortSignal;
}

/** What is known of a drill so far. The record keeps it however the drill ends. */
type Known = Omit<DrillResult, "repository" | "result" | "detail" | "seconds" | "proofs">;

/** Proves what a repository is worth. Whatever goes wrong is a result: the others have their turn. */
export async function drillIn(context: Context, task: DrillTask): Promise<DrillResult> {
  const { repository, signal } = task;
  const say: Say = (progress) => task.say(`repository ${repository.number}: ${progress}`);
  const began = elapsed();
  const proofs = new Proofs(context, say, signal);
  const known: Known = {};
  const unproven: Unproven[] = [];
  const server = new DrillServer(context, signal);
  try {
    await proofs.run(() => drill(context, { ...task, say }, { proofs, known, unproven, server }));
  } finally {
    await server.kill();
    await cleanUp(context).catch((error: unknown) =>
      context.log(`what the drill has left is not removed yet: ${sentenceOf(error)}`),
    );
  }
  const failed = Object.values(proofs.all).some(({ result }) => result === "failed");
  const detail = drillSentence(proofs.all);
  say(detail);
  return {
    repository: repository.number,
    result: failed ? "failed" : "success",
    detail,
    seconds: Math.round((elapsed() - began) / 100) / 10,
    ...(signal.aborted ? { code: exitCode.stopped } : {}),
    proofs: proofs.all,
    ...known,
    ...unprovenOf(unproven),
  };
}

interface Parts {
  proofs: Proofs;
  known: Known;
  unproven: Unproven[];
  server: DrillServer;
}

/** The four proofs. */
async function drill(
  context: Context,
  { repository, signal }: DrillTask,
  { proofs, known, unproven, server }: Parts,
): Promise<void> {
  const { number } = repository;
  const archiveAge = await ageOfWal(context, number, signal);
  const restored = await proofs.prove("restore", async (say) => {
    const result = await restoreNewest(context, { repository: number, say, signal }, (set) => {
      const { label, type, endedAt, bytes } = set;
      known.backup = { label, type, endedAt, bytes };
    }).catch((error: unknown) => {
      if (codeOf(error) === "no-room") known.noRoom = true;
      throw error;
    });
    return { result, evidence: { problems: [], detail: restoredSentence(result) } };
  });
  const source = await proofs.prove("replay", async (say) => {
    const state = await readSource(context, say, signal);
    unproven.push(...state.unproven);
    known.marker = { name: state.marker.name, lsn: state.marker.lsn, at: state.marker.at };
    known.source = state.from;
    known.targetLsn = state.target;
    const replaying = { repository, set: restored.set, state, server, say, signal };
    const { files, seconds, lastCommit } = await replay(context, replaying);
    known.recovery = {
      restoreSeconds: rounded(restored.seconds),
      replaySeconds: rounded(seconds),
      segments: files.length,
      walBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    };
    known.loss = evidence.lossOf(state.marker.at, lastCommit, archiveAge);
    return { result: state, evidence: evidence.ofReplay(state, known.recovery, known.loss) };
  });
  await proofs.prove("rows", async (say) => {
    const { major } = context.config;
    const compared = await compareAll(server, source.databases, { major, say, signal });
    known.compared = compared.figures;
    return { result: undefined, evidence: evidence.ofRows(source, compared) };
  });
  await proofs.prove("pages", async (say) => {
    say("checking: ending the recovery");
    await server.promote();
    const indexes = await checkIndexes(server, say, signal);
    unproven.push(...indexes.unproven);
    const pages =
      indexes.ended === undefined ? await pagesOf(context, server, say, signal) : undefined;
    if (pages && "off" in pages) unproven.push(evidence.checksumsOff);
    known.checked = {
      indexes: indexes.indexes,
      pages: pages && "pages" in pages ? pages.pages : 0,
    };
    return { result: undefined, evidence: evidence.ofPages(indexes, pages) };
  });
}

/** Every page, after the server has written all of them. */
async function pagesOf(
  context: Context,
  server: DrillServer,
  say: Say,
  signal: AbortSignal,
): Promise<CheckedPages> {
  say("checking: every page against its checksum");
  await server.stop();
  return checkPages(context, signal);
}

const rounded = (seconds: number) => Math.round(seconds * 10) / 10;

/** How old the newest WAL of a repository is, in seconds. Undefined: it has none, or cannot be read. */
async function ageOfWal(
  context: Context,
  number: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const newest = await readInfo(context, number, { signal })
    .then((info) => newestWal(context, number, info, { signal }))
    .catch(() => undefined);
  return newest && Math.max(0, Math.round((Date.now() - Date.parse(newest.at)) / 1000));
}
