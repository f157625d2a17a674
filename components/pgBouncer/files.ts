import { consoleUsers, lookupEntry, type Pool } from "./sizes";

export interface Address {
  host: string;
  port: number;
}

export interface PoolerFilesArgs {
  pools: readonly Pool[];
  maxClients: number;
  primary: Address;
  standby: Address;
  /** The superuser's name: by this role PgBouncer looks up the passwords of the others. */
  superuser: string;
}

/** The pools, and the one by which passwords are looked up. */
function entries({ pools }: PoolerFilesArgs): Pool[] {
  const mode = "transaction";
  return [...pools, { entry: lookupEntry, database: "postgres", server: "primary", mode, size: 1 }];
}

/**
 * pgbouncer.ini. Everything in it but the listening can change by RELOAD.
 * Settings: https://www.pgbouncer.org/config.html
 */
export function renderIni(args: PoolerFilesArgs): string {
  const databases = entries(args).map((pool) => {
    const { host, port } = args[pool.server];
    // Of all roles together: `pool_size` alone would be for each of them.
    const size = `pool_size=${pool.size} max_db_connections=${pool.size}`;
    return (
      `${pool.entry} = host=${host} port=${port} ` +
      `dbname='${pool.database.replace(/'/g, "''")}' pool_mode=${pool.mode} ${size}`
    );
  });
  const settings = Object.entries(settingsOf(args)).map(([key, value]) => `${key} = ${value}`);
  return ["[databases]", ...databases, "", "[pgbouncer]", ...settings, ""].join("\n");
}

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
    // Apart from the pools: where these are busy, nobody could log in any more.
    auth_dbname: lookupEntry,
    auth_query: lookup,
    admin_users: consoleUsers.admin,
    stats_users: consoleUsers.stats,
    pool_mode: "transaction",
    // Whoever is on the console counts too, the health check among them.
    max_client_conn: maxClients + 5,
    max_prepared_statements: 200,
    // Without `options` a client could crash releases before 1.26.1 (CVE-2026-107349).
    ignore_startup_parameters: "extra_float_digits,options",
    server_tls_sslmode: "prefer",
    // Seconds. A server that comes back is noticed, and a replaced container's new address.
    server_login_retry: 1,
    dns_max_ttl: 1,
    dns_nxdomain_ttl: 1,
    query_wait_timeout: 120,
    tcp_keepalive: 1,
    tcp_keepidle: 60,
    tcp_keepintvl: 10,
    tcp_keepcnt: 6,
    // A line for each connection would be most of the log; refusals and errors are in it.
    log_connections: 0,
    log_disconnections: 0,
    log_stats: 0,
  };
}

/** PgBouncer's own query, with every name qualified: a role's search_path must not reach into it. */
const lookup =
  "SELECT rolname, CASE WHEN rolvaliduntil OPERATOR(pg_catalog.<) pg_catalog.now() THEN NULL " +
  "ELSE rolpassword END FROM pg_catalog.pg_authid WHERE rolname OPERATOR(pg_catalog.=) $1 AND rolcanlogin";

/**
 * userlist.txt: who is known without a look-up. In clear, so that PgBouncer can log in by scram or
 * md5 on its own; a stored verifier would fail its first connection after each rotation.
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
