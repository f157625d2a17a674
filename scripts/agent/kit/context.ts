import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure";
import type { AgentConfig } from "../../../contract/agentConfig";

/** Where the agent's things are; tests put them elsewhere. */
export interface Paths {
  /** Finished dumps, and `.partial`. */
  backups: string;
  /** What jobs did, on a volume of its own: a full backup volume cannot lose a record. */
  records: string;
  /** agent.json, pgpass, duplicati-password. */
  etc: string;
  /** The socket and the status; gone with the container. */
  run: string;
}

export const containerPaths: Paths = {
  backups: "/backups",
  records: "/var/lib/laterbase/records",
  etc: "/etc/laterbase",
  run: "/run/laterbase",
};

/** What every command is given. */
export interface Context {
  config: AgentConfig;
  paths: Paths;
  /** One sentence to the container's log. */
  log(sentence: string): void;
}

/**
 * A command of the agent: what it returns is the result, as JSON; `say` reports progress to
 * whoever asked; `signal` ends it early.
 */
export type Command = (
  args: Record<string, unknown>,
  context: Context,
  say: (progress: string) => void,
  signal: AbortSignal,
) => Promise<unknown>;

/** What the client asks the agent for, and the agent its worker: one line of JSON. */
export interface Request {
  command: string;
  args: Record<string, unknown>;
}

export function openContext(paths: Paths = containerPaths): Context {
  const file = join(paths.etc, "agent.json");
  let config: AgentConfig;
  try {
    config = JSON.parse(readFileSync(file, "utf8")) as AgentConfig;
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}.`);
  }
  return { config, paths, log };
}

function log(sentence: string): void {
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  process.stderr.write(`${at} laterbase-agent: ${sentence}\n`);
}
