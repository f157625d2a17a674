import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DumpingConfig } from "../../../contract/agentConfig";
import { agentFiles, type AgentPaths, agentPaths } from "../../../contract/agentPaths";
import { visible } from "../../../contract/visible";
import { Failure } from "./failure";

/** What every command gets. */
export interface Context {
  /** Without dumps it lacks what they need, and no command for dumps runs. */
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
  let config: DumpingConfig;
  try {
    config = JSON.parse(readFileSync(file, "utf8")) as DumpingConfig;
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}.`);
  }
  return { config, paths, log };
}

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
