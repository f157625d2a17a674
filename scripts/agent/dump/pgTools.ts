import { join } from "node:path";
import { conninfoQuote } from "../../../contract/quoting";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { runTool, type ToolOptions } from "../kit/tools";
import type { Server } from "../../../contract/agentConfig";

/** Which database of which server a tool reads, and under which name it shows there. */
export interface Target {
  server: Server;
  database: string;
  application: string;
}

/**
 * zstd from 16 on; before, gzip, for whoever has that major's own tools, such as Resolve. The
 * first level of each: measured, the next ones take longer and save nothing or a few percent.
 */
export function compression(major: number): string {
  return major >= 16 ? "zstd:1" : "1";
}

/** A dump in pg_dump's own format, of an exported snapshot. */
export async function pgDump(
  context: Context,
  target: Target,
  { snapshot, file, signal }: { snapshot: string; file: string; signal: AbortSignal },
): Promise<void> {
  const { major } = context.config;
  await runTool(
    "pg_dump",
    [
      "--format=custom",
      `--compress=${compression(major)}`,
      `--file=${file}`,
      // It is synced with everything else, once.
      "--no-sync",
      `--snapshot=${snapshot}`,
      "--quote-all-identifiers",
      major >= 16 ? "--large-objects" : "--blobs",
      "--no-password",
      "--lock-wait-timeout=60000",
      `--dbname=${conninfo(context, target)}`,
    ],
    withPassfile(context, { signal }),
  );
}

/**
 * Roles and tablespaces as SQL. False: the role may not read the verifiers, and they are not in it.
 */
export async function pgDumpGlobals(
  context: Context,
  target: Target,
  file: string,
  signal: AbortSignal,
): Promise<boolean> {
  const args = [
    "--globals-only",
    "--no-sync",
    "--quote-all-identifiers",
    "--no-password",
    `--file=${file}`,
    // pg_dumpall takes a name that looks like a connection string for one.
    `--database=dbname=${conninfoQuote(target.database)}`,
    `--dbname=${conninfo(context, target)}`,
  ];
  try {
    await runTool("pg_dumpall", args, withPassfile(context, { signal }));
    return true;
  } catch (error) {
    if (!(error instanceof Failure && error.message.includes("pg_authid"))) throw error;
    await runTool(
      "pg_dumpall",
      ["--no-role-passwords", ...args],
      withPassfile(context, { signal }),
    );
    return false;
  }
}

/** What `pg_dump --version` says. */
export async function toolVersion(signal: AbortSignal): Promise<string> {
  return (await runTool("pg_dump", ["--version"], { signal })).stdout.trim();
}

function conninfo({ config }: Context, { server, database, application }: Target): string {
  const parameters: Record<string, string> = {
    host: server.host,
    port: String(server.port),
    user: config.role.name,
    dbname: database,
    application_name: application,
    connect_timeout: "10",
    // A server that vanished without a word is noticed within half a minute.
    keepalives_idle: "10",
    keepalives_interval: "5",
    keepalives_count: "4",
  };
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${conninfoQuote(value)}`)
    .join(" ");
}

function withPassfile({ paths }: Context, options: ToolOptions): ToolOptions {
  return { ...options, env: { PGPASSFILE: join(paths.etc, "pgpass"), PGTZ: "UTC" } };
}
