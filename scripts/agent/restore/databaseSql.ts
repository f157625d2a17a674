import { escapeIdentifier as name, escapeLiteral as literal } from "pg";
import {
  type DatabaseProperties,
  type DatabaseSetting,
  isPublic,
} from "../../../contract/manifest";
import { storeSetting } from "../kit/settingValue";

const PROVIDERS: Record<DatabaseProperties["localeProvider"], string> = {
  b: "builtin",
  c: "libc",
  i: "icu",
};

/**
 * `CREATE DATABASE` with the properties of the dumped one, under any name. It accepts no connection
 * yet, and belongs to the superuser.
 *
 * @param tablespace where the database is. Default: where the server's template is
 */
export function createDatabase(
  database: string,
  like: DatabaseProperties,
  major: number,
  tablespace?: string,
): string {
  const provider = PROVIDERS[like.localeProvider];
  const words = [
    `CREATE DATABASE ${name(database)} TEMPLATE template0`,
    "ALLOW_CONNECTIONS false",
    `ENCODING ${literal(like.encoding)}`,
    `LC_COLLATE ${literal(like.collate)} LC_CTYPE ${literal(like.ctype)}`,
  ];
  // Before 15 there is libc only, and no word for it.
  if (major >= 15) words.push(`LOCALE_PROVIDER ${provider}`);
  if (like.locale !== null && provider === "icu") words.push(`ICU_LOCALE ${literal(like.locale)}`);
  if (like.icuRules != null) words.push(`ICU_RULES ${literal(like.icuRules)}`);
  if (like.locale !== null && provider === "builtin") {
    words.push(`BUILTIN_LOCALE ${literal(like.locale)}`);
  }
  if (tablespace !== undefined) words.push(`TABLESPACE ${name(tablespace)}`);
  return words.join(" ");
}

/**
 * Settings that load code into a session or decide whose rights it has. A restore sets them last, so
 * that they never apply to its own sessions.
 */
const LAST = /^(local_preload_libraries|role|session_authorization)$/i;
const PRELOADED = /^(session|shared)_preload_libraries$/i;

/** When a setting of the dumped database is set: before its rows, which may depend on it, or last. */
function isLast({ name: setting }: DatabaseSetting, labelled: boolean): boolean {
  return LAST.test(setting) || (PRELOADED.test(setting) && !labelled);
}

/**
 * The statements that set what is in force while the database is filled, as `pg_restore --create` does.
 *
 * @param labelled whether the dump has security labels: only a loaded library accepts them
 */
export function applySettings(
  database: string,
  { settings }: DatabaseProperties,
  labelled: boolean,
): string[] {
  return settings
    .filter((setting) => !isLast(setting, labelled))
    .flatMap((setting) => settingStatements(database, setting));
}

/**
 * The statements that give a restored database what pg_restore leaves to `CREATE DATABASE` and what
 * would hinder the restore itself: others could connect, or the restore's own role could not. They belong into
 * one transaction: the comment that marks the database as unfinished goes when its owner gets it.
 */
export function applyProperties(database: string, like: DatabaseProperties): string[] {
  const target = name(database);
  return [
    `ALTER DATABASE ${target} OWNER TO ${name(like.owner)}`,
    ...privileges(database, like),
    `COMMENT ON DATABASE ${target} IS ${like.comment === null ? "NULL" : literal(like.comment)}`,
    `ALTER DATABASE ${target} CONNECTION LIMIT ${like.connectionLimit}`,
    ...(like.isTemplate ? [`ALTER DATABASE ${target} IS_TEMPLATE true`] : []),
  ];
}

/**
 * The statements for the settings that come last, once nothing of the restore logs in any more. Everything is set
 * once more, so that the settings are stored in the order that they had.
 */
export function lastSettings(
  database: string,
  { settings }: DatabaseProperties,
  labelled: boolean,
): string[] {
  if (!settings.some((setting) => isLast(setting, labelled))) return [];
  const roles = [...new Set(settings.map(({ role }) => role))];
  return [
    ...roles.map((role) => `ALTER ${whose(database, role)} RESET ALL`),
    ...settings.flatMap((setting) => settingStatements(database, setting)),
  ];
}

function whose(database: string, role: string | null): string {
  return `${role === null ? "" : `ROLE ${name(role)} IN `}DATABASE ${name(database)}`;
}

function settingStatements(database: string, setting: DatabaseSetting): string[] {
  return storeSetting(whose(database, setting.role), setting.name, setting.value);
}

/** The setting that a statement of these sets. A server may refuse one, such as one that it does not have. */
export function settingOf(
  statement: string,
  database: string,
  { settings }: DatabaseProperties,
): DatabaseSetting | undefined {
  return settings.find((setting) => settingStatements(database, setting).includes(statement));
}

/**
 * The statements that make the schema "public" as it was, inside the restored database. Rights come before
 * them: a new owner takes over what the old one granted.
 */
export function publicSchemaStatements(
  { publicSchema }: DatabaseProperties,
  major: number,
): string[] {
  if (publicSchema === null) return ["DROP SCHEMA IF EXISTS public"];
  // From PostgreSQL 15 on pg_dump writes these down.
  if (publicSchema === undefined || major >= 15) return [];
  const { owner, comment } = publicSchema;
  return [
    `ALTER SCHEMA public OWNER TO ${name(owner)}`,
    `COMMENT ON SCHEMA public IS ${comment === null ? "NULL" : literal(comment)}`,
  ];
}

/** `SECURITY LABEL`. The server refuses it unless it has loaded the provider. */
export function labelStatement(database: string, { provider, label }: Label): string {
  return `SECURITY LABEL FOR ${name(provider)} ON DATABASE ${name(database)} IS ${literal(label)}`;
}

type Label = NonNullable<DatabaseProperties["securityLabels"]>[number];
type Grant = NonNullable<DatabaseProperties["privileges"]>[number];

function privileges(database: string, { owner, privileges: grants }: DatabaseProperties): string[] {
  const target = name(database);
  // PostgreSQL has no statement for it: GRANT would write down what applies without any.
  if (grants === null) {
    return [`UPDATE pg_catalog.pg_database SET datacl = NULL WHERE datname = ${literal(database)}`];
  }
  const statements = [
    `REVOKE ALL ON DATABASE ${target} FROM PUBLIC`,
    `REVOKE ALL ON DATABASE ${target} FROM ${name(owner)}`,
  ];
  for (const grant of inOrder(grants, owner)) {
    const whom = isPublic(grant.grantee) ? "PUBLIC" : name(grant.grantee);
    const option = grant.grantable ? " WITH GRANT OPTION" : "";
    const statement = `GRANT ${grant.privilege} ON DATABASE ${target} TO ${whom}${option}`;
    // PostgreSQL records a superuser's grant as the owner's. Others have to be made by the grantor.
    if (grant.grantor === owner) statements.push(statement);
    else {
      statements.push(`SET SESSION AUTHORIZATION ${name(grant.grantor)}`, statement);
      statements.push("RESET SESSION AUTHORIZATION");
    }
  }
  return statements;
}

/** A role must have a privilege before it can grant it. */
function inOrder(grants: readonly Grant[], owner: string): Grant[] {
  const ordered: Grant[] = [];
  let waiting = [...grants];
  while (waiting.length > 0) {
    const ready = waiting.filter(
      ({ grantor, privilege }) =>
        grantor === owner ||
        ordered.some((g) => g.grantable && g.grantee === grantor && g.privilege === privilege),
    );
    // When none is ready, PostgreSQL itself says what is wrong.
    const next = ready.length > 0 ? ready : waiting;
    ordered.push(...next);
    waiting = waiting.filter((grant) => !next.includes(grant));
  }
  return ordered;
}
