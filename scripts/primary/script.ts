import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  asciiJson,
  conninfoQuote,
  passfileEscape,
  psqlQuote,
  shellQuote,
} from "../../contract/quoting";
import { maintenanceDatabase, spareDatabase } from "../../contract/maintenanceDatabases";
import { lateSettings, plainSessionOptions, sessionOptions } from "../../contract/sessionSettings";
import { exitCodes } from "./exitCodes";
import { recordPattern } from "./recordPattern";
import { remains } from "./remains";
import type { PrimarySettings, StepName, StepValues } from "./settings";
import { asciiWords, probeWords } from "./collationWords";
import type { SshTarget } from "./ssh";
import { stepArgs } from "./stepArgs";

const sqlOf: Record<StepName, string[]> = {
  preflight: [
    "preflight_list",
    "preflight_visit",
    "preflight_disk",
    "preflight_files",
    "preflight",
    "preflight_hurts",
    "preflight_notes",
    "preflight_report",
  ],
  collation: ["databases", "collation"],
  amcheck: ["amcheck_databases", "amcheck_apply", "amcheck_remove", "amcheck_end", "amcheck_said"],
  role: [
    "role_apply",
    "databases",
    "amcheck_remove",
    "dumps",
    "pgadmin",
    "backups",
    "heartbeat_remove",
    "health",
    "reader_remove",
    "hba_functions",
    "hba_remove",
    "slot_remove",
    "slot_wal_limit_remove",
    "reload",
    "role_remove",
    "said",
  ],
  dumps: ["role_apply", "dumps", "reader_apply", "reader_remove", "said"],
  pgAdmin: ["role_apply", "pgadmin", "reader_apply", "reader_remove", "said"],
  backups: ["role_apply", "backups", "reader_apply", "reader_remove", "said"],
  health: [
    "role_apply",
    "health",
    "reader_apply",
    "heartbeat_apply",
    "heartbeat_remove",
    "reader_remove",
    "said",
  ],
  application: [
    "application_apply",
    "application_database",
    "application_objects",
    "application_note",
    "application_remove",
    "said",
  ],
  slotWalLimit: [
    "slot_wal_limit_apply",
    "slot_wal_limit_remove",
    "slot_wal_limit_check",
    "reload",
    "said",
  ],
  slot: ["slot_register", "slot_apply", "slot_remove", "said"],
  hba: ["hba_functions", "hba_record", "hba_apply", "hba_remove", "reload", "said"],
  probe: [],
  observe: ["observe"],
};

/** What the program of a step gets on standard input, as JSON. */
export interface StepInput {
  /** See {@link stepScript}. */
  script: string;
  /** The primary's own machine, where the script runs there. Otherwise it runs in a container. */
  ssh?: SshTarget;
  /** What stays on the primary when it is out of reach at destroy, a sentence each. */
  remains: readonly string[];
}

/** The JSON for the standard input of `scripts/steps/primaryStep.ts`. */
export function stepInput(
  step: StepName,
  settings: PrimarySettings,
  values: StepValues,
  ssh?: SshTarget,
): string {
  return JSON.stringify({
    script: stepScript(step, settings, values),
    ...(ssh ? { ssh } : {}),
    remains: remains(settings, values, step),
  } satisfies StepInput);
}

/**
 * The text for the standard input of `bash -s -- apply|repair|remove`: values first, then bash and
 * SQL as they are in this folder. `repair` is `apply` with the knowledge that this stack made the
 * thing: it takes over what lost its record. Secrets are in this text and nowhere else.
 */
export function stepScript(step: StepName, settings: PrimarySettings, values: StepValues): string {
  const assignments = Object.entries(head(step, settings, values)).map(
    ([name, value]) => `${name}=${shellQuote(value)}`,
  );
  const sql = sqlOf[step].length === 0 ? [] : ["begin", "lock", ...sqlOf[step]];
  return [
    ...assignments,
    ...sql.map(
      (name) =>
        `sql_${name}() {\ncat <<'LATERBASE_SQL'\n${text(`sql/${name}.sql`)}LATERBASE_SQL\n}`,
    ),
    text("lib.sh"),
    text(`${step}.sh`),
    'main "$@"; exit',
    "",
  ].join("\n");
}

/** The values that the script begins with, as bash assignments. */
function head(step: StepName, settings: PrimarySettings, values: StepValues) {
  const { transport, superuser, superuserPassword, host, port } = settings;
  const probe = step === "probe";
  const ssh = transport.kind === "ssh" && !probe ? transport : undefined;
  const sudoAs = ssh?.sudo === true ? "postgres" : ssh?.sudo || "";
  const password = probe ? (values.password ?? "") : superuserPassword;
  const here = ssh ? `on ${host}` : "";
  return {
    VERSION: String(settings.version),
    PSQL: ssh?.psql ?? "psql",
    SUDO_AS: sudoAs,
    LOGIN: probe ? settings.role : superuser,
    WHERE: host.startsWith("/") ? `the socket in ${host}` : `${host}:${port}`,
    HBA_HINT: probe ? ": laterbase:primary.allowFrom must hold that network" : here && ` ${here}`,
    CONNINFO: conninfo(step, settings, ssh ? { sudo: sudoAs !== "" } : undefined),
    // An owner can drop the usual database.
    SPARE_DATABASE: !probe && settings.database === maintenanceDatabase ? spareDatabase : "",
    ...sessionOf(step, settings.version),
    PGPASS_LINE: `*:*:*:*:${passfileEscape(password)}`,
    SQL_ARGS: `\\set record ${psqlQuote(recordPattern)}\n\\set args ${psqlQuote(asciiJson(stepArgs(step, settings, values)))}`,
    ...(step === "collation" ? { WORDS: asciiJson(probeWords), SQL_WORDS: psqlWords } : {}),
    ...(step === "observe" ? { CONF: values.configuration ?? "" } : {}),
    ...(values.application ? { APPLICATION_DATABASE: hexOf(values.application.database) } : {}),
    REMAINS: remains(settings, values, step).join("\n"),
    UNREACHABLE: String(exitCodes.unreachable),
    LOGIN_REFUSED: String(exitCodes.loginRefused),
    LOCKED: String(exitCodes.locked),
    NOT_READY: String(exitCodes.notReady),
  };
}

/**
 * On the primary's own machine the loopback address comes first: it is what most servers let a
 * password in from. With sudo, psql finds the socket itself.
 */
function conninfo(step: StepName, settings: PrimarySettings, ssh: { sudo: boolean } | undefined) {
  const probe = step === "probe";
  const parameters: Record<string, string> = {
    ...(ssh?.sudo ? {} : { host: ssh ? `127.0.0.1,${settings.host}` : settings.host }),
    port: String(settings.port),
    user: probe ? settings.role : settings.superuser,
    dbname: settings.database,
    connect_timeout: step === "observe" ? "3" : "10",
    application_name: "laterbase",
    client_encoding: "UTF8",
    keepalives_idle: "5",
    keepalives_interval: "2",
    keepalives_count: "4",
    ...(probe ? { replication: "true" } : {}),
  };
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${conninfoQuote(value)}`)
    .join(" ");
}

/**
 * The settings of the step's sessions. The plain ones are for a server that refuses the others: it is
 * of another major, or the login is no superuser's. Then the step says so.
 */
function sessionOf(step: StepName, major: number) {
  // It speaks the replication protocol in no database, where nobody's settings or code count.
  if (step === "probe") return { OPTIONS: "", PLAIN_OPTIONS: "", SQL_LATE: "" };
  const quick = step === "observe";
  const settings = {
    // Many objects of a database may get another owner.
    statement_timeout: quick ? "4000" : step === "application" ? "0" : "60000",
    lock_timeout: quick ? "1000" : "20000",
  };
  const purpose = { superuser: true, with: settings };
  const parameter = (options: string) => `options=${conninfoQuote(options)}`;
  return {
    OPTIONS: parameter(sessionOptions({ major, ...purpose })),
    PLAIN_OPTIONS: parameter(plainSessionOptions(purpose)),
    SQL_LATE: `\\set late ${psqlQuote(asciiJson(lateSettings(purpose)))}`,
  };
}

/** Without JSON's escapes, which are an error in a database of another encoding. */
const psqlWords = Object.entries({ all_words: probeWords, ascii_words: asciiWords })
  .map(([name, words]) => `\\set ${name} ${psqlQuote(JSON.stringify(words))}`)
  .join("\n");

/** A name as the bash of a step takes it. */
const hexOf = (name: string): string => Buffer.from(name).toString("hex");

function text(file: string): string {
  return readFileSync(join(__dirname, file), "utf8");
}
