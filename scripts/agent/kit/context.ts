import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentConfig, DumpingConfig } from "../../../contract/agentConfig";
import { agentFiles, type AgentPaths, agentPaths } from "../../../contract/agentPaths";
import { visible } from "../../../contract/visible";
import { Failure } from "./failure";

/** What every command gets. */
export interface Context {
  /** Without dumps it names no database to dump. */
  config: DumpingConfig;
  paths: AgentPaths;
  /** Writes one sentence to the container's log. */
  log(sentence: string): void;
}

/** Reports progress to the caller. */
export type Say = (progress: string) => void;

/** The work of a command. What it returns is the result, as JSON; `signal` ends it early. */
export type Work = (
  args: Record<string, unknown>,
  context: Context,
  say: Say,
  signal: AbortSignal,
) => Promise<unknown>;

/** Reads the agent's configuration. */
export function openContext(paths: AgentPaths = agentPaths): Context {
  const file = join(paths.etc, agentFiles.config);
  let config: AgentConfig;
  try {
    config = JSON.parse(readFileSync(file, "utf8")) as AgentConfig;
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}.`);
  }
  return { config: { ...noDumps, ...config }, paths, log };
}

/** What stands for dumps where the stack makes none: a list of no databases, and a role that nobody has. */
const noDumps: Pick<DumpingConfig, "role" | "dumps"> = {
  role: { name: "", superuser: false },
  dumps: {
    schedule: { text: "@yearly", fields: ["0", "0", "1", "1", "*"] },
    databases: [],
    source: "standby",
    retentionDays: 1,
    retentionCount: 1,
    plain: false,
    timeoutSeconds: 60,
    databaseTimeoutSeconds: 60,
  },
};

/**
 * Not pino: people read this log by `docker logs`, one sentence a line. Pino writes JSON, and a
 * formatter would parse it back in a process that has to stay small.
 */
function log(sentence: string): void {
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  // The lines of a stack trace are ours; any other line break is text of a server.
  const lines = sentence.split(/\n(?= {4}at )/).map(visible);
  process.stderr.write(`${at} laterbase-agent: ${lines.join("\n")}\n`);
}
