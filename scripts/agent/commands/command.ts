import type { ParseArgsConfig } from "node:util";
import type { RunningWork } from "../../../contract/agentOverview";
import type { DumpQueue } from "../dump/queue";
import type { Context, Say, Work } from "../kit/context";
import type { BackupQueue } from "../pgBackRest/queue";

/** What a command that runs in the agent's own process can use of it. */
export interface AgentState {
  readonly context: Context;
  readonly dumps: DumpQueue;
  readonly backups: BackupQueue;
  /** Uploads the finished dumps, and writes a record also when the process of the upload dies. */
  upload(args: Record<string, unknown>, say: Say, signal: AbortSignal): Promise<unknown>;
  /** What it does now. */
  readonly running: () => RunningWork[];
}

/**
 * A command of the agent. The agent's own process loads this description only: the work is loaded
 * where it runs, so that the agent stays small between runs.
 */
export interface AgentCommand {
  name: string;
  /** The options of `laterbase-agent <name>`. `--a-b` becomes the argument `aB`. */
  options: NonNullable<ParseArgsConfig["options"]>;
  /** Takes more arguments as a JSON object on standard input, because they hold a secret. */
  readsInput?: boolean;
  /** Only the agent itself runs it. Nobody can ask for it. */
  internal?: boolean;
  /** Goes on when the caller goes away. Its record tells how it ended. */
  outlivesCaller?: boolean;
  /** Runs in the agent's own process. Without it, `inWorker` runs at once. */
  inServer?: (
    agent: AgentState,
    args: Record<string, unknown>,
    say: Say,
    signal: AbortSignal,
  ) => Promise<unknown>;
  /** Runs in a process of its own. */
  inWorker?: Work;
}
