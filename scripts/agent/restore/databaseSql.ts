import { escapeIdentifier as name, escapeLiteral as literal } from "pg";
import { type DatabaseProperties, isPublic } from "../../../contract/manifest";

/** Settings with a list of names as value. Each name is quoted by itself. */
const LISTS = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

const PROVIDERS: Record<DatabaseProperties["localeProvider"], string> = {
  b: "builtin",
  c: "libc",
  i: "icu",
};

/**
 * `CREATE DATABASE` with the properties of the dumped one, under any name. It accepts no connection
 * yet, and belongs to the superuser.
 */
export function createDatabase(database: string, like: DatabaseProperties, major: number): string {
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
  if (like.locale !== null && provider === "builtin") {
    words.push(`BUILTIN_LOCALE ${literal(like.locale)}`);
  }
  return words.join(" ");
}

/** The statements that give a restored database what pg_restore leaves to `CREATE DATABASE`. */
export function applyProperties(database: string, like: DatabaseProperties): string[] {
  const target = name(database);
  return [
    `ALTER DATABASE ${target} OWNER TO ${name(like.owner)}`,
    ...privileges(database, like),
    ...like.settings.map((setting) => {
      const whose = setting.role === null ? "" : `ROLE ${name(setting.role)} IN `;
      const value = settingValue(setting.name, setting.value);
      return `ALTER ${whose}DATABASE ${target} SET ${name(setting.name)} TO ${value}`;
    }),
    `COMMENT ON DATABASE ${target} IS ${like.comment === null ? "NULL" : literal(like.comment)}`,
    `ALTER DATABASE ${target} CONNECTION LIMIT ${like.connectionLimit}`,
  ];
}

/** A setting's stored value as `SET … TO` reads it. */
export function settingValue(setting: string, value: string): string {
  if (!LISTS.has(setting.toLowerCase())) return literal(value);
  const items = value.match(/"(?:[^"]|"")*"|[^",\s][^",]*/g) ?? [];
  if (items.length === 0) return "''";
  return items
    .map((item) => (item.startsWith('"') ? item.slice(1, -1).replace(/""/g, '"') : item.trimEnd()))
    .map((item) => literal(item))
    .join(", ");
}

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
