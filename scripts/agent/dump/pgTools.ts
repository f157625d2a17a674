import { join } from "node:path";
import { agentFiles } from "../../../contract/agentPaths";
import { conninfoQuote } from "../../../contract/quoting";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { toolOptions } from "../kit/session";
import { runTool, type ToolOptions } from "../kit/tools";
import type { Server } from "../../../contract/agentConfig";

/** The database that a tool reads, and the name of its sessions. */
export interface Target {
  server: Server;
  database: string;
  application: string;
}

/**
 * zstd from PostgreSQL 16 on. Before that gzip, which the tools of those majors read, such as
 * DaVinci Resolve's. Level 1 of each: by measurement, higher levels take longer and save nothing
 * or a few percent.
 */
export function compression(major: number): string {
  return major >= 16 ? "zstd:1" : "1";
}

/** What pg_dump has to do. */
interface PgDump {
  snapshot: string;
  /** The database's. A server or a role may have another client_encoding, and not every byte has a place in it. */
  encoding: string;
  file: string;
  signal: AbortSignal;
}

/** Dumps an exported snapshot in pg_dump's custom format. */
export async function pgDump(
  context: Context,
  target: Target,
  { snapshot, encoding, file, signal }: PgDump,
): Promise<void> {
  const { major } = context.config;
  const running = runTool(
    "pg_dump",
    [
      "--format=custom",
      `--compress=${compression(major)}`,
      `--file=${file}`,
      // publish() syncs it with everything else.
      "--no-sync",
      `--snapshot=${snapshot}`,
      `--encoding=${encoding}`,
      "--quote-all-identifiers",
      major >= 16 ? "--large-objects" : "--blobs",
      "--no-password",
      "--lock-wait-timeout=60000",
      `--dbname=${conninfo(context, target)}`,
    ],
    inSession(context, { signal }),
  );
  await running.catch((error: unknown) => {
    // pg_dump gives no code. But no language translates the setting that the server advises to raise.
    const full = error instanceof Failure && error.message.includes("max_locks_per_transaction");
    throw full ? new Failure(error.message, "no-lock-room") : error;
  });
}

/** Roles and tablespaces as SQL, with the roles' passwords where the role may read them. */
export async function pgDumpGlobals(
  context: Context,
  target: Target,
  { encoding, file, passwords, signal }: Omit<PgDump, "snapshot"> & { passwords: boolean },
): Promise<void> {
  await runTool(
    "pg_dumpall",
    [
      "--globals-only",
      `--encoding=${encoding}`,
      ...(passwords ? [] : ["--no-role-passwords"]),
      "--no-sync",
      "--quote-all-identifiers",
      "--no-password",
      `--file=${file}`,
      // pg_dumpall reads a name that looks like a connection string as one.
      `--database=dbname=${conninfoQuote(target.database)}`,
      `--dbname=${conninfo(context, target)}`,
    ],
    inSession(context, { signal }),
  );
}

/** What `pg_dump --version` prints. */
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
    // So a server that disappeared is noticed within half a minute.
    keepalives_idle: "10",
    keepalives_interval: "5",
    keepalives_count: "4",
  };
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${conninfoQuote(value)}`)
    .join(" ");
}

function inSession(context: Context, options: ToolOptions): ToolOptions {
  const PGPASSFILE = join(context.paths.etc, agentFiles.passfile);
  return { ...options, env: { PGPASSFILE, PGOPTIONS: toolOptions(context) } };
}
