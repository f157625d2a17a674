import type Docker from "dockerode";
import type { RestorePlan } from "../../../contract/restorePlan";
import { containerName, dataFolder, restoreWork, restoredVolume } from "../../../contract/names";
import { visible } from "../../../contract/visible";
import { connect } from "../../engine/connect";
import { unlessAborted } from "../../engine/unlessAborted";
import { untilReady } from "../../engine/untilReady";
import { LocalPrimary } from "../../primary/localPrimary";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import {
  type BesideSeen,
  gone,
  lookBeside,
  type RestoredRecord,
  type RestoredServer,
} from "./besideLook";
import { finish, makeServer } from "./besideServer";
import { databasesBeside } from "./dumpBeside";
import { besideAddress, freePort } from "./freePort";
import { needDatabase } from "./needDatabase";
import { pointProblem, type ReachedPoint, reachedPoint } from "./point";
import { prefixOf, type PrimaryPlace, primaryPlace } from "./primaryPlace";
import { RestoreContainer } from "./restoreContainer";
import { restoreFiles } from "./restoreFiles";
import { needRoom } from "./room";

/** A restore beside the primary. */
export interface BesideJob {
  stack: string;
  stanza: string;
  plan: RestorePlan;
  /** The target in words, for the record beside the data. */
  target: string;
  /** The only one that is wanted. Absent: all of them. */
  database?: string | undefined;
  /** The port on the engine's machine. Default: a free one. */
  port?: number | undefined;
  /** The superuser's password. Default: the one that the primary was made with. */
  password?: string | undefined;
  /** What an operator types to remove a restored server. */
  remove: string;
}

/** A restored server, with what its restore took. */
export interface RestoredBeside extends RestoredServer {
  /** The time of the copy, of the replay and of everything, in seconds. */
  seconds: { copy: number; replay: number; all: number };
}

/**
 * Restores a server beside the primary, which goes on. When it fails or is interrupted, nothing is left.
 *
 * @throws CliError with code 4 when it was refused before anything was restored
 */
export async function restoreBeside(
  primary: Located,
  job: BesideJob,
  say: (progress: string) => void,
  signal?: AbortSignal,
): Promise<RestoredBeside> {
  const engine = connect({ host: primary.host });
  const prefix = prefixOf(primary);
  const { stack, port: wanted } = job;
  refuseExisting(await lookBeside(engine, prefix), job.remove);
  const place = await primaryPlace(engine, primary.name);
  const run = { primary, engine, prefix, place, job, say, signal };
  const opening = open(run);
  const opened = opening.catch(() => undefined);
  const finding = freePort(engine, { image: place.image, stack, wanted });
  finding.catch(() => undefined);
  try {
    // A port that is taken refuses the restore. A free one is found while the files come.
    if (wanted !== undefined) await finding;
    return await restored({ ...run, finding }, await opening);
  } catch (error) {
    await (await opened)?.close();
    // The engine keeps a volume that a container has: it is another run's.
    const volume = engine.getVolume(restoredVolume(prefix));
    await volume.remove().catch(() => undefined);
    if (signal?.aborted) throw new CliError("Interrupted: nothing of the restore is left.");
    throw error;
  } finally {
    await Promise.all([(await opened)?.close(), finding.catch(() => undefined)]);
  }
}

/** One run, with what its steps share. */
interface Run {
  primary: Located;
  engine: Docker;
  prefix: string;
  place: PrimaryPlace;
  /** The port on the engine's machine. */
  finding: Promise<number>;
  job: BesideJob;
  say: (progress: string) => void;
  signal: AbortSignal | undefined;
}

async function restored(run: Run, work: RestoreContainer): Promise<RestoredBeside> {
  const { primary, engine, prefix, place, finding, job, say, signal } = run;
  const { stack, stanza, plan, database, password } = job;
  const began = performance.now();
  await clear(run, work);
  if (database !== undefined) {
    const present = () => databasesBeside(primary);
    await needDatabase(work, { database, stanza, plan, present });
  }
  await needRoom(work, plan);
  const making = finding.then((port) =>
    makeServer(engine, { prefix, stack, place, port, password }),
  );
  making.catch(() => undefined);
  try {
    await restoreFiles(work, {
      ...{ stanza, words: plan.arguments, folder: "data", bytes: plan.set.bytes, say, signal },
    });
    const copy = since(began);
    const container = await making;
    signal?.throwIfAborted();
    await container.start();
    await recovered(run, container);
    const all = since(began);
    const server = await looked(run, container, await finding);
    return { ...server, seconds: { copy, replay: all - copy, all } };
  } catch (error) {
    say("removing what was restored");
    const made = await making.catch(() => undefined);
    await made?.remove({ force: true }).catch(() => undefined);
    throw error;
  }
}

function refuseExisting(seen: BesideSeen, remove: string): void {
  const refused = (sentence: string) => new CliError(`${sentence} '${remove}' removes it.`, 4);
  switch (seen.kind) {
    case "server": {
      const { container, target, host, port } = seen.server;
      throw refused(
        `There is a restored server already: ${container} at ${host}:${port}, with ${target}.`,
      );
    }
    case "volume":
      throw refused(
        `The volume ${seen.volume} holds the data of an earlier restore, whose container is gone.`,
      );
    case "foreign":
      throw new CliError(
        `The container ${seen.container} was not made by a restore: give it another name.`,
        4,
      );
    default:
  }
}

/** Makes the volume, and the container that works on it. */
async function open({
  engine,
  prefix,
  place,
  job: { stack },
}: Omit<Run, "finding">): Promise<RestoreContainer> {
  const volume = restoredVolume(prefix);
  const { image, network, repositories } = place;
  await engine.createVolume({ Name: volume, Labels: labelsOf(stack) });
  const mounts = [...repositories, { source: volume, target: dataFolder("primary") }];
  const name = containerName(prefix, restoreWork);
  return RestoreContainer.open(engine, { name, stack, image, network, mounts });
}

/** Removes what a killed run left. Only this run works on it now. */
async function clear({ engine, prefix, job, say }: Run, work: RestoreContainer): Promise<void> {
  const seen = await lookBeside(engine, prefix);
  if (seen.kind === "server") refuseExisting(seen, job.remove);
  if (seen.kind !== "unfinished") return;
  say("an earlier restore was not finished: removing what it left");
  await seen.container.remove({ force: true });
  await work.run(["find", dataFolder("primary"), "-mindepth", "1", "-delete"]);
}

const lookMs = 150;

/** Waits until the server has replayed its WAL and takes writes. */
async function recovered(run: Run, container: Docker.Container): Promise<void> {
  const { engine, prefix, say, signal } = run;
  const ready = untilReady(engine, containerName(prefix, "restored"), say, lookMs).catch(
    async (error: Error) => {
      signal?.throwIfAborted();
      throw new CliError(
        `The restored server did not start: ${await why(container, error.message)}`,
      );
    },
  );
  await unlessAborted(ready, signal);
}

/** PostgreSQL's own reason, for people. */
async function why(container: Docker.Container, sentence: string): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, tail: 50 }).catch(() => "");
  const [, fatal] = /(?:FATAL|PANIC): +(.+)/.exec(log.toString("utf8")) ?? [];
  const own = fatal === undefined ? "" : ` PostgreSQL says: ${visible(fatal.trim())}.`;
  return `${sentence}.${own}`;
}

/** Compares the point that was reached with the plan, and notes beside the data what they are. */
async function looked(
  { engine, prefix, place, job }: Run,
  container: Docker.Container,
  port: number,
): Promise<RestoredServer> {
  const { plan, target } = job;
  const name = containerName(prefix, "restored");
  const point = await new LocalPrimary(engine, name).json<ReachedPoint>(reachedPoint);
  const problem = pointProblem(plan, point);
  if (problem !== undefined) throw new CliError(problem);
  const record: RestoredRecord = {
    target,
    repository: plan.repository.number,
    set: plan.set.label,
    timeline: point.timeline,
    reached: { lsn: point.lsn ?? "", ...(point.at === null ? {} : { at: point.at }) },
    since: new Date().toISOString(),
  };
  await finish(engine, container, place.network, record);
  const volume = restoredVolume(prefix);
  return { ...record, container: name, volume, running: true, host: besideAddress, port };
}

/** Removes a restored server with its data, finished or not. Returns whether there was one. */
export async function removeBeside(primary: Located, stack: string): Promise<boolean> {
  const engine = connect({ host: primary.host });
  const prefix = prefixOf(primary);
  const seen = await lookBeside(engine, prefix);
  if (seen.kind === "foreign") refuseExisting(seen, "");
  const work = await engine.getContainer(containerName(prefix, restoreWork)).inspect().catch(gone);
  if (work?.State.Running) {
    throw new CliError(`A restore of stack ${stack} is at work: interrupt it, or wait for it.`, 4);
  }
  if (seen.kind === "nothing") return false;
  const container = engine.getContainer(containerName(prefix, "restored"));
  await container.remove({ force: true }).catch(gone);
  await engine.getVolume(restoredVolume(prefix)).remove().catch(gone);
  return true;
}

const labelsOf = (stack: string) => ({ "laterbase.stack": stack, "laterbase.role": "restored" });
const since = (began: number) => (performance.now() - began) / 1000;
