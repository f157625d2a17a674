import type { DatabaseProperties, Privilege } from "../../../contract/manifest";
import type { Entry } from "../dump/toc";

const NAME = '(?:"(?:[^"]|"")+"|[^\\s".,();=\']+)';
const TEXT = "(?:'(?:[^']|'')*'|E'(?:[^'\\\\]|''|\\\\.)*')";
const statement = (words: string) => new RegExp(`\\s*${words};\\s*`, "y");
const PRIVILEGES = "((?:\\w+)(?:,\\w+)*)";

const COMMENT = statement(`COMMENT ON DATABASE ${NAME} IS (${TEXT})`);
const LIMIT = statement(`ALTER DATABASE ${NAME} CONNECTION LIMIT = (-?\\d+)`);
const TEMPLATE = statement(`ALTER DATABASE ${NAME} IS_TEMPLATE = true`);
const SET = statement(
  `ALTER (?:ROLE (${NAME}) IN )?DATABASE ${NAME} SET (${NAME}) TO (${TEXT}(?:, ${TEXT})*)`,
);
const GRANT = statement(
  `GRANT ${PRIVILEGES} ON DATABASE ${NAME} TO (${NAME})( WITH GRANT OPTION)?`,
);
const REVOKE = statement(`REVOKE ${PRIVILEGES} ON DATABASE ${NAME} FROM (${NAME})`);
const AS = statement(`SET SESSION AUTHORIZATION (${NAME})`);
const AS_BEFORE = statement("RESET SESSION AUTHORIZATION");

/** Settings whose stored value is a list of names, each quoted by itself. */
const LISTS = new Set([
  ...["search_path", "temp_tablespaces", "unix_socket_directories"],
  ...["local_preload_libraries", "session_preload_libraries", "shared_preload_libraries"],
]);

type Found = Pick<
  DatabaseProperties,
  "comment" | "connectionLimit" | "isTemplate" | "privileges" | "settings"
>;

/**
 * What the archive's own statements give to its database. They are read and never run, because they name
 * another database than the one that is restored.
 *
 * @returns the properties, and which kinds of entries hold more than was understood
 */
export function readStatements(
  owner: string,
  entries: readonly Entry[],
): { found: Found; notRead: string[] } {
  const found: Found = { comment: null, connectionLimit: -1, privileges: null, settings: [] };
  const notRead: string[] = [];
  let grantor = owner;
  const readers: Record<string, [RegExp, (words: string[]) => void][]> = {
    COMMENT: [[COMMENT, ([comment = ""]) => (found.comment = textOf(comment))]],
    "DATABASE PROPERTIES": [
      [LIMIT, ([limit]) => (found.connectionLimit = Number(limit))],
      [TEMPLATE, () => (found.isTemplate = true)],
      [
        SET,
        ([role, name = "", values = ""]) =>
          found.settings.push({
            role: role === undefined ? null : nameOf(role),
            name: nameOf(name),
            value: valueOf(nameOf(name), values),
          }),
      ],
    ],
    ACL: [
      [AS, ([role = ""]) => (grantor = nameOf(role))],
      [AS_BEFORE, () => (grantor = owner)],
      [
        REVOKE,
        ([words = "", grantee = ""]) => {
          const gone = privilegesOf(words);
          found.privileges = (found.privileges ?? byDefault(owner)).filter(
            (one) => one.grantee !== roleOf(grantee) || !gone.includes(one.privilege),
          );
        },
      ],
      [
        GRANT,
        ([words = "", grantee = "", option]) => {
          const grantable = option !== undefined;
          const granted = privilegesOf(words).map((privilege) => ({
            ...{ grantee: roleOf(grantee), grantor, privilege, grantable },
          }));
          found.privileges = [...(found.privileges ?? byDefault(owner)), ...granted];
        },
      ],
    ],
  };
  for (const entry of entries) {
    if (!ofDatabase(entry)) continue;
    grantor = owner;
    if (!readAll(entry.definition, readers[entry.kind] ?? [])) notRead.push(entry.kind);
  }
  return { found, notRead };
}

function ofDatabase({ kind, name }: Entry): boolean {
  if (kind === "DATABASE PROPERTIES") return true;
  return /^(ACL|COMMENT|SECURITY LABEL)$/.test(kind) && name.startsWith("DATABASE ");
}

/** Reads one statement after the other. A value may look like a statement, so nothing is searched. */
function readAll(sql: string, readers: readonly [RegExp, (words: string[]) => void][]): boolean {
  let at = 0;
  while (at < sql.length) {
    const before = at;
    for (const [pattern, use] of readers) {
      pattern.lastIndex = at;
      const match = pattern.exec(sql);
      if (!match) continue;
      use(match.slice(1));
      at = pattern.lastIndex;
      break;
    }
    if (at === before) return sql.slice(at).trim() === "";
  }
  return true;
}

const ALL: Privilege["privilege"][] = ["CREATE", "TEMPORARY", "CONNECT"];

function privilegesOf(words: string): Privilege["privilege"][] {
  if (words === "ALL") return ALL;
  return ALL.filter((one) => words.split(",").includes(one));
}

/** What a database without grants of its own has. */
function byDefault(owner: string): Privilege[] {
  const to = (grantee: string, all: Privilege["privilege"][]) =>
    all.map((privilege) => ({ grantee, grantor: owner, privilege, grantable: false }));
  return [...to("public", ["TEMPORARY", "CONNECT"]), ...to(owner, ALL)];
}

function roleOf(word: string): string {
  return word === "PUBLIC" ? "public" : nameOf(word);
}

function nameOf(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replace(/""/g, '"') : word;
}

/** pg_dump writes a text with backslashes as E'…'. */
function textOf(literal: string): string {
  if (literal.startsWith("'")) return literal.slice(1, -1).replace(/''/g, "'");
  return literal
    .slice(2, -1)
    .replace(/''|\\([^])/g, (both, char?: string) => char ?? both[0] ?? "");
}

/** A setting's value as the server stores it. */
function valueOf(name: string, literals: string): string {
  const values = (literals.match(new RegExp(TEXT, "g")) ?? []).map(textOf);
  if (values.length === 1 && !LISTS.has(name.toLowerCase())) return values[0] ?? "";
  if (values.length === 1 && values[0] === "") return "";
  return values.map((value) => `"${value.replace(/"/g, '""')}"`).join(", ");
}
