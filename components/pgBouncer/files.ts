import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import type { Address } from "../kit/address";
import { consoleUsers, lookupEntry, type Pool } from "./sizes";

/** Every change is applied by RELOAD and cuts no client. */
export interface PoolerFilesArgs {
  /** The entries that clients use. */
  pools: readonly Pool[];
  /** Clients at a time, without those on the console. */
  maxClients: number;
  /** The primary as the pooler's engine reaches it. */
  primary: Address;
  /** The first standby as the pooler's engine reaches it. Default: none, and no entries. */
  standby?: Address | undefined;
  /** The superuser's name. PgBouncer looks up the passwords of the other roles as this one. */
  superuser: string;
}

/** The pools, and the one that looks up passwords. */
function entries({ pools, standby }: PoolerFilesArgs): Pool[] {
  const mode = "transaction";
  const database = maintenanceDatabase;
  // The sizes are those with a standby, so that the first one changes no other pool, nor max_connections.
  const reached = pools.filter(({ server }) => server === "primary" || standby);
  return [...reached, { entry: lookupEntry, database, server: "primary", mode, size: 1 }];
}

/**
 * pgbouncer.ini. A RELOAD can change everything in it but where PgBouncer listens.
 * Settings: https://www.pgbouncer.org/config.html
 */
export function renderIni(args: PoolerFilesArgs): string {
  const databases = entries(args).map((pool) => {
    const { host, port } = args[pool.server]!;
    // `pool_size` alone would count for each role.
    const size = `pool_size=${pool.size} max_db_connections=${pool.size}`;
    return (
      `${pool.entry} = host=${host} port=${port} ` +
      `dbname='${pool.database.replace(/'/g, "''")}' pool_mode=${pool.mode} ${size}`
    );
  });
  const settings = Object.entries(settingsOf(args)).map(([key, value]) => `${key} = ${value}`);
  return ["[databases]", ...databases, "", "[pgbouncer]", ...settings, ...included, ""].join("\n");
}

/** `ignore_startup_parameters` by PgBouncer's release, which only the image knows, and smaller pools while it is paused. */
const included = [
  "%include /usr/local/share/laterbase/startup.ini",
  "%include /run/laterbase/narrow.ini",
];

function settingsOf({ maxClients, superuser }: PoolerFilesArgs): Record<string, string | number> {
  return {
    listen_addr: "*",
    listen_port: 6432,
    // A thousand clients that connect at once.
    listen_backlog: 4096,
    unix_socket_dir: "/run/pgbouncer",
    unix_socket_mode: "0700",
    auth_type: "hba",
    auth_hba_file: "/usr/local/share/laterbase/pgbouncer_hba.conf",
    auth_file: "/etc/pgbouncer/current/userlist.txt",
    auth_user: superuser,
    // It has an entry of its own, so that people can log in while the pools are busy.
    auth_dbname: lookupEntry,
    auth_query: lookup,
    admin_users: consoleUsers.admin,
    stats_users: consoleUsers.stats,
    pool_mode: "transaction",
    // Connections to the console count too, such as the health check's.
    max_client_conn: maxClients + 5,
    max_prepared_statements: 200,
    server_tls_sslmode: "prefer",
    // Seconds until PgBouncer notices a server that is back, or a replaced container's new address.
    server_login_retry: 1,
    dns_max_ttl: 1,
    dns_nxdomain_ttl: 1,
    query_wait_timeout: 120,
    tcp_keepalive: 1,
    tcp_keepidle: 60,
    tcp_keepintvl: 10,
    tcp_keepcnt: 6,
    // A line for each connection would fill the log. Refusals and errors are in it anyway, with the
    // client's address; `laterbase-health` counts the refused logins.
    log_connections: 0,
    log_disconnections: 0,
    log_pooler_errors: 1,
    log_stats: 0,
  };
}

/**
 * The query that looks up a role's password, with every name qualified, because a role's search_path
 * must not change it. Without a row PgBouncer would answer "no such user", so a role that cannot log in
 * gets a verifier that fits no password. As PostgreSQL does it, its salt is the same at each attempt,
 * and nobody can compute it. PgBouncer keeps each name forever, with the verifier that came last, so
 * such roles share 256 names, which a client cannot choose.
 */
const lookup =
  "SELECT coalesce(role.rolname, pg_catalog.concat('laterbase_unknown_', " +
  `pg_catalog.substr(pg_catalog.encode(${keyed("'name'")}, 'hex'), 1, 2))), coalesce(role.rolpassword, ` +
  "pg_catalog.concat('SCRAM-SHA-256$', coalesce(pg_catalog.current_setting('scram_iterations', true), '4096'), ':', " +
  `${base64(`pg_catalog.substr(${keyed("'salt'")}, 1, 16)`)}, '$', ` +
  `${base64(random())}, ':', ${base64(random())})) ` +
  "FROM pg_catalog.pg_authid own LEFT JOIN pg_catalog.pg_authid role " +
  "ON role.rolname OPERATOR(pg_catalog.=) $1 AND role.rolcanlogin " +
  "AND pg_catalog.starts_with(role.rolpassword, 'SCRAM-SHA-256$') " +
  "AND (role.rolvaliduntil IS NULL OR role.rolvaliduntil OPERATOR(pg_catalog.>=) pg_catalog.now()) " +
  "WHERE own.rolname OPERATOR(pg_catalog.=) CURRENT_USER";

/** A hash of the name that nobody can compute without what the server stores of our own password. */
function keyed(use: string): string {
  const text = `pg_catalog.concat(${use}, own.rolpassword, $1::pg_catalog.text)`;
  return `pg_catalog.sha256(pg_catalog.convert_to(${text}, 'UTF8'))`;
}

function base64(bytes: string): string {
  return `pg_catalog.encode(${bytes}, 'base64')`;
}

function random(): string {
  return "pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()))";
}

/**
 * userlist.txt: users that PgBouncer knows without a look-up. The passwords are in clear, so that it
 * can log in by scram or md5; with a verifier its first login after each rotation would fail.
 */
export function renderUserlist(users: readonly { name: string; password: string }[]): string {
  const text = (value: string) => `"${value.replace(/"/g, '""')}"`;
  return users.map(({ name, password }) => `${text(name)} ${text(password)}\n`).join("");
}

/** The entries with their server, mode and size, for the commands in the container. */
export function renderEntries(args: PoolerFilesArgs): string {
  return entries(args)
    .map(({ entry, server, mode, size }) => `${server}\t${mode}\t${size}\t${entry}\n`)
    .join("");
}
