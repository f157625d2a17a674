import type Docker from "dockerode";
import { inPooler } from "./exec";

/** Names and contents: `pgbouncer.ini`, `userlist.txt`, `entries`. What is left out stays as it is. */
export type PoolerFiles = Readonly<Record<string, string>>;

/**
 * Brings files into force in a pooler that runs, by RELOAD and without cutting a client; in one that
 * waits for its configuration they wait too until it is whole. What PgBouncer refuses replaces nothing.
 *
 * @returns whether anything was different
 * @throws Error with one sentence that names the pooler and what is wrong
 */
export async function deliver(
  engine: Docker,
  container: string,
  files: PoolerFiles,
  signal?: AbortSignal,
): Promise<boolean> {
  const options = { input: framed(files), patienceMs: 60_000, ...(signal ? { signal } : {}) };
  const said = await inPooler(engine, container, ["deliver"], options).catch((error: Error) => {
    throw new Error(`The pooler ${container} has no new configuration: ${error.message}.`, {
      cause: error,
    });
  });
  return said !== "unchanged";
}

/** Each file behind a line with its name and its number of lines; what breaks off has no end. */
export function framed(files: PoolerFiles): string {
  const parts = Object.entries(files).map(([name, content]) => {
    const text = content.endsWith("\n") ? content : `${content}\n`;
    return `${name} ${text.split("\n").length - 1}\n${text}`;
  });
  return `${parts.join("")}end\n`;
}
