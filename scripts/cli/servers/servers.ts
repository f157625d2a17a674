import type { InPlaceJournal } from "../../../contract/restoreInPlace";
import type { PoolerFacts } from "../../../contract/health/facts";
import type { HealthReport } from "../../../contract/health/report";
import { connect } from "../../engine/connect";
import { pauseClients, resumeClients } from "../../pooler";
import type { Report } from "../../primary";
import { LocalPrimary } from "../../primary/localPrimary";
import { isUnreachable, unreachable } from "../../engine/unreachable";
import { untilReady } from "../../engine/untilReady";
import { removeBeside, restoreBeside } from "../restore/beside";
import { type BesideSeen, lookBeside } from "../restore/besideLook";
import { dumpBeside } from "../restore/dumpBeside";
import { prefixOf } from "../restore/primaryPlace";
import { unfinishedRestore } from "../restore/inPlace/unfinished";
import { CliError } from "../terminal/cliError";
import {
  type ArchivePlaces,
  type ReceivedArchive,
  receiveArchive,
  type WantedArchive,
} from "./archive";
import { exists } from "../../engine/exists";
import { readLog } from "./logs";
import { monitorReport } from "./monitor";
import { poolerPools } from "./poolerPools";
import type * as Preflight from "./preflight";
import { type PsqlPlace, psqlShell } from "./psqlShell";
import { lookAtStandby, type RebuildKind, type RebuildLook, rebuildStandby } from "./rebuild";
import type { Located } from "../stack/outputs";

/** What the operator's command does with the servers themselves. Tests replace it. */
export interface Servers {
  /**
   * Makes the pooler's clients wait, once their transactions have finished. Returns whether there was
   * anything to pause. When it fails or is interrupted, no client waits.
   */
  pause(pooler: Located, options: PauseOptions): Promise<boolean>;
  /** Lets the pooler's clients continue. */
  resume(pooler: Located): Promise<void>;
  /** Makes a managed primary write a checkpoint. */
  checkpoint(primary: Located): Promise<void>;
  /** How many clients a managed primary has. */
  clients(primary: Located): Promise<number>;
  /** Restarts a managed primary, and returns when it answers again or when the command is interrupted. */
  restart(primary: Located, say: (turn: string) => void, signal?: AbortSignal): Promise<void>;
  /**
   * Checks a stack's primary and changes nothing there, unless `takeOver` names an earlier stack of the same name by
   * its number: what that one left is removed first. The stack need not be up.
   */
  preflight(
    stack: string,
    say: (turn: string) => void,
    signal?: AbortSignal,
    takeOver?: string,
  ): Promise<Report>;
  /** What a person must know before a standby gets a new clone. */
  lookAtStandby(standby: Located): Promise<RebuildLook>;
  /** Gives a standby a new clone, and returns when it streams. An interruption does not end the clone. */
  rebuildStandby(
    standby: Located,
    kind: RebuildKind,
    say: (turn: string) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Whether a container is there, running or not. */
  isThere(container: Located): Promise<boolean>;
  /** The journal of a restore in place that is not finished, or not accepted. */
  unfinishedRestore(primary: Located): Promise<InPlaceJournal | "unreadable" | undefined>;
  /** Brings dumps back from off site into the agent's folder of the dumps. */
  receiveArchive(
    places: ArchivePlaces,
    wanted: WantedArchive,
    say: (turn: string) => void,
    signal?: AbortSignal,
  ): Promise<ReceivedArchive>;
  /** A server that is restored beside a managed primary. */
  beside: BesideServers;
  /** Reads a container's log. */
  readLog: typeof readLog;
  /** What PgBouncer says of its pools. */
  pools(pooler: Located): Promise<PoolerFacts>;
  /** What the monitor says. */
  health(monitor: Located): Promise<HealthReport>;
  /** Runs psql with the terminal of this process. Returns its exit code. An interruption ends it. */
  shell(place: PsqlPlace, signal?: AbortSignal): Promise<number>;
}

export interface BesideServers {
  restore: typeof restoreBeside;
  /** What there is of an earlier restore. */
  look(primary: Located): Promise<BesideSeen>;
  remove: typeof removeBeside;
  dump: typeof dumpBeside;
}

export interface PauseOptions {
  /** How long running transactions may take to finish. */
  seconds: number;
  /** Seconds after which clients go on by themselves. Default: two minutes. */
  lease?: number;
  signal?: AbortSignal;
}

const engineOf = ({ host }: Located) => connect({ host });
const local = (primary: Located) => new LocalPrimary(engineOf(primary), primary.name);

export const servers: Servers = {
  pause: async (pooler, { signal, ...times }) => {
    const engine = engineOf(pooler);
    try {
      return await inOneSentence(
        () => pauseClients(engine, pooler.name, times, signal),
        pooler.host,
      );
    } catch (error) {
      // The command in the container continues until the pooler resumes.
      if (signal?.aborted) await resumeClients(engine, pooler.name);
      throw error;
    }
  },
  resume: (pooler) =>
    inOneSentence(() => resumeClients(engineOf(pooler), pooler.name), pooler.host),
  checkpoint: (primary) => inOneSentence(() => local(primary).checkpoint(), primary.host),
  clients: (primary) => inOneSentence(() => local(primary).clients(), primary.host),
  restart: (primary, say, signal) =>
    inOneSentence(async () => {
      const engine = engineOf(primary);
      // With the container's own stop timeout, so that PostgreSQL writes its last checkpoint.
      // An interruption does not end this: between stop and start the primary would stay down.
      await engine.getContainer(primary.name).restart();
      if (signal?.aborted) return;
      await untilReady(engine, primary.name, say, 100);
      // The health status read above may be from before the restart, so PostgreSQL itself is asked.
      await local(primary).verifier();
    }),
  preflight: (stack, say, signal, takeOver) => {
    // Only this command needs the configuration's schemas, which take a while to load.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, in CommonJS
    const { checkPrimary } = require("./preflight") as typeof Preflight;
    return checkPrimary(stack, say, signal, takeOver);
  },
  lookAtStandby,
  rebuildStandby,
  isThere: (container) => exists(engineOf(container).getContainer(container.name)),
  unfinishedRestore,
  receiveArchive: (...call) => inOneSentence(() => receiveArchive(...call)),
  beside: {
    restore: (...call) => inOneSentence(() => restoreBeside(...call)),
    look: (primary) => inOneSentence(() => lookBeside(engineOf(primary), prefixOf(primary))),
    remove: (...call) => inOneSentence(() => removeBeside(...call)),
    dump: (...call) => inOneSentence(() => dumpBeside(...call)),
  },
  readLog,
  pools: poolerPools,
  health: monitorReport,
  shell: (place, signal) => {
    const { stdin: input, stdout: output, stderr: error } = process;
    const isTerminal = input.isTTY && output.isTTY;
    return psqlShell(place, { input, output, error, isTerminal }, signal);
  },
};

/** The operator reads the first line of any error as one sentence. */
async function inOneSentence<T>(work: () => Promise<T>, host?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (isUnreachable(error)) throw new CliError(unreachable(host, error as Error));
    const [said = ""] = (error as Error).message.trim().split("\n");
    throw new CliError(`${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.?$/, ".")}`);
  }
}
