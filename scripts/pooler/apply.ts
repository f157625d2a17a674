import type Docker from "dockerode";
import { inPooler } from "./exec";

/** Contents by name: `pgbouncer.ini`, `userlist.txt`, `entries`. Other files stay as they are. */
export type PoolerFiles = Readonly<Record<string, string>>;

/**
 * Puts files into force in a running pooler, by RELOAD and without cutting a client off. A pooler that
 * still waits for its configuration keeps them until it is complete. Files that PgBouncer refuses replace
 * nothing.
 *
 * @returns whether anything was different
 * @throws Error with one sentence that names the pooler and what is wrong
 */
export async function applyFiles(
  engine: Docker,
  container: string,
  files: PoolerFiles,
  signal?: AbortSignal,
): Promise<boolean> {
  const options = { input: framed(files), patienceMs: 60_000, ...(signal ? { signal } : {}) };
  const answer = await inPooler(engine, container, ["apply"], options).catch((error: Error) => {
    throw new Error(`The pooler ${container} has no new configuration: ${error.message}.`, {
      cause: error,
    });
  });
  return (JSON.parse(answer) as { changed: boolean }).changed;
}

/** Each file after a line with its name and its number of lines. `end` comes last: without it, input was lost. */
export function framed(files: PoolerFiles): string {
  const parts = Object.entries(files).map(([name, content]) => {
    const text = content.endsWith("\n") ? content : `${content}\n`;
    return `${name} ${text.split("\n").length - 1}\n${text}`;
  });
  return `${parts.join("")}end\n`;
}
