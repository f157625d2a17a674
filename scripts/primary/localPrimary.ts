import type Dockerode from "dockerode";
import pRetry from "p-retry";
import { execInContainer } from "../engine/exec";
import { type ServerKind, slotPrefix, socketFolder, superuserRecord } from "../../contract/names";
import { sessionShell } from "../../contract/sessionSettings";
import { maintenanceDatabases } from "../../contract/maintenanceDatabases";
import { psqlQuote, shellQuote } from "../../contract/quoting";
import type { RoleLogin } from "./stepInputs";

const limitMs = 60_000;

/** Bash in the container: SESSION is what the superuser's sessions state. */
const session = sessionShell("SESSION", {
  superuser: true,
  with: { lock_timeout: "10s" },
});

/**
 * A managed primary, or a standby of one, asked inside its own container. The socket there lets the
 * container's user in as the superuser, so no password is needed to change one.
 */
export class LocalPrimary {
  constructor(
    private readonly engine: Dockerode,
    readonly container: string,
    private readonly kind: ServerKind = "primary",
  ) {}

  /** What the server stores of the superuser's password. Waits for a server that is starting. */
  async verifier(patienceMs = limitMs): Promise<string> {
    const query = "SELECT to_json(rolpassword) FROM pg_authid WHERE rolname = current_user;";
    const ask = async () => JSON.parse((await this.sql(query)) || '""') as string;
    return this.whenThere(ask, patienceMs);
  }

  /** Does something that can be done twice. A server that is starting, or starts again meanwhile, is waited for. */
  async whenThere<T>(work: () => Promise<T>, patienceMs = limitMs): Promise<T> {
    const end = performance.now() + patienceMs;
    return pRetry(work, {
      ...{ retries: Infinity, factor: 1, minTimeout: 1000 },
      shouldRetry: ({ error }) => error instanceof NotThere && performance.now() < end,
    });
  }

  /** Sets the password by its verifier: the server's log and statistics see no statement of it. */
  async setVerifier(verifier: string): Promise<void> {
    await this.sql(`SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\\set verifier ${psqlQuote(verifier)}
ALTER ROLE CURRENT_USER PASSWORD :'verifier';`);
    await this.record(verifier);
  }

  /** Those of these roles that an `up` has made and that have another password. */
  async differing(roles: readonly RoleLogin[]): Promise<RoleLogin[]> {
    if (roles.length === 0) return [];
    const names = JSON.stringify(roles.map(({ name }) => name));
    // Our record is a comment, which the role itself may not write. It is read as text: another one may be anything.
    const answer = await this.sql(`\\set names ${psqlQuote(names)}
SELECT coalesce(json_object_agg(a.rolname, coalesce(a.rolpassword, '')), '{}') FROM pg_authid a
 WHERE a.rolname IN (SELECT json_array_elements_text(:'names'::json)) AND NOT a.rolsuper
   AND shobj_description(a.oid, 'pg_authid') LIKE '{%"laterbase"%"application"%}';`);
    const stored = new Map(Object.entries(JSON.parse(answer) as Record<string, string>));
    return roles.filter(({ name, verifier }) => {
      const has = stored.get(name);
      return has !== undefined && has !== verifier;
    });
  }

  /** Sets the passwords of roles by their verifiers, in one transaction. */
  async setRoles(roles: readonly RoleLogin[]): Promise<void> {
    if (roles.length === 0) return;
    await this.sql(`SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\\set roles ${psqlQuote(JSON.stringify(roles))}
BEGIN;
SELECT format('ALTER ROLE %I PASSWORD %L', one->>'name', one->>'verifier')
  FROM json_array_elements(:'roles'::json) AS one \\gexec
COMMIT;`);
  }

  /** Notes the verifier beside the data, so that a preview sees when another one is set by hand. */
  async record(verifier: string): Promise<void> {
    await this.bash(`umask 077; f=${superuserRecord}
[ "$(cat "$f" 2>/dev/null)" = ${shellQuote(verifier)} ] && exit
printf '%s\\n' ${shellQuote(verifier)} >"$f.new" && sync "$f.new" && mv -f "$f.new" "$f"`);
  }

  /** The text of a small file in the container. Empty: there is none. */
  async read(path: string): Promise<string> {
    return this.bash(`f=${shellQuote(path)}; [ ! -e "$f" ] || head -c 65536 "$f"`);
  }

  /** Removes a file in the container. */
  async remove(path: string): Promise<void> {
    await this.bash(`rm -f ${shellQuote(path)}`);
  }

  /**
   * Waits until the standbys have replayed what is written now, for five seconds at most. A standby
   * reports its replay when it receives something, so each turn writes a little.
   */
  async replayed(): Promise<void> {
    await this.sql(`DO $laterbase$
DECLARE
  target constant pg_lsn := pg_current_wal_flush_lsn();
  patience constant timestamptz := clock_timestamp() + interval '5 s';
BEGIN
  WHILE clock_timestamp() < patience AND EXISTS (
    SELECT FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid
     WHERE starts_with(s.slot_name, '${slotPrefix}') AND r.replay_lsn < target)
  LOOP
    PERFORM pg_logical_emit_message(true, 'laterbase', '');
    COMMIT;
    PERFORM pg_sleep(0.02);
  END LOOP;
END
$laterbase$;`);
  }

  /** Writes what is in memory, so that a stop has little left to write. */
  async checkpoint(): Promise<void> {
    await this.sql("CHECKPOINT;");
  }

  /** How many clients are connected: those that a stop cuts. */
  async clients(): Promise<number> {
    const answer = await this.sql(`SELECT to_json(count(*)) FROM pg_stat_activity
 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid();`);
    return JSON.parse(answer) as number;
  }

  /** The answer to a query of ours that gives one JSON value. */
  async json<T>(query: string, database?: string): Promise<T> {
    return JSON.parse(await this.sql(`${query};`, database)) as T;
  }

  /**
   * Takes back what ALTER SYSTEM set for settings of these names, which may be none, and has the server read its files
   * again.
   */
  async reload(names: readonly string[]): Promise<void> {
    const list = names.map((name) => `'${name.toLowerCase()}'`).join(", ");
    await this.sql(`SELECT DISTINCT format('ALTER SYSTEM RESET %I', name) FROM pg_file_settings
 WHERE lower(name) = ANY (ARRAY[${list}]::text[]) AND sourcefile = current_setting('data_directory') || '/postgresql.auto.conf' \\gexec
SELECT pg_reload_conf();`);
  }

  /** What a file in the container holds; empty where there is none. */
  async fileContent(path: string): Promise<string> {
    const answer = await this.bash(
      `[ ! -e ${shellQuote(path)} ] || base64 -w 0 ${shellQuote(path)}`,
    );
    return Buffer.from(answer, "base64").toString("utf8");
  }

  /** Writes a file in the container, which the server's own user owns: beside it, then by its name. */
  async writeFile(path: string, content: string): Promise<void> {
    const encoded = Buffer.from(content).toString("base64").replace(/.{76}/g, "$&\n");
    await this.bash(`umask 077; f=${shellQuote(path)}
base64 -d >"$f.new" <<'LATERBASE_FILE' && sync "$f.new" && mv -f "$f.new" "$f"
${encoded}
LATERBASE_FILE
`);
  }

  /** Runs statements in one database, which need not answer with anything. */
  async run(statements: string, database: string): Promise<void> {
    await this.sql(statements, database);
  }

  private sql(text: string, database?: string): Promise<string> {
    const where =
      database === undefined
        ? anyDatabase
        : // Not an argument: there psql would read a name with `=` as a connection string.
          `export PGDATABASE=${shellQuote(database)}`;
    return this.bash(`${session}
ask() { PGOPTIONS="$SESSION" psql -XqAtw -v ON_ERROR_STOP=1 -h ${socketFolder(this.kind)} -U postgres "$@"; }
${where}
ask -f - <<'LATERBASE_SQL'
${text}
LATERBASE_SQL`);
  }

  private async bash(script: string): Promise<string> {
    const signal = AbortSignal.timeout(limitMs);
    const said = await execInContainer(this.engine, this.container, `${script}\n`, signal).catch(
      (error: Error & { statusCode?: number }) => {
        const { container, kind } = this;
        if (error.statusCode === 409) {
          throw new NotThere(`the ${kind} ${container} is not running: start it, then try again.`);
        }
        if (error.statusCode !== 404) throw error;
        throw new Error(`there is no container ${container}: bringing the stack up makes it.`);
      },
    );
    if (said.code === 0) return said.stdout.trim();
    const [line = ""] = said.stderr.trim().split("\n");
    const sentence = line.replace(/^psql:(<stdin>:\d+:)? ?(error: )?/, "");
    throw away.includes(said.code) ? new NotThere(sentence) : new Error(sentence);
  }
}

/** The first database that lets a session in. */
const anyDatabase = `for PGDATABASE in ${maintenanceDatabases.join(" ")}; do
  export PGDATABASE
  if ask -c "" </dev/null >/dev/null 2>&1; then break; fi
done`;

/** psql exits with 2 when it cannot connect, while the server starts or recovers. The others: the container was stopped. */
const away = [2, 129, 137, 143];

/** A server that may answer a moment later. */
class NotThere extends Error {}
