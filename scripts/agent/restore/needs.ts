import type { Entry } from "../dump/toc";

/** What a dump expects on the server where it is restored. */
export interface Needs {
  roles: Set<string>;
  tablespaces: Set<string>;
}

/** The roles and tablespaces that the entries of an archive name. */
export function needsOf(entries: readonly Entry[]): Needs {
  const needs: Needs = { roles: new Set(), tablespaces: new Set() };
  for (const entry of entries) {
    if (entry.owner !== "") needs.roles.add(entry.owner);
    if (entry.tablespace !== "") needs.tablespaces.add(entry.tablespace);
    for (const statement of statementsOf(entry)) {
      for (const role of rolesOf(statement)) needs.roles.add(role);
    }
  }
  return needs;
}

/** The statements that name roles. In others, such as a function's body, names are text. */
function statementsOf({ kind, definition }: Entry): string[][] {
  if (!/^(ACL|DEFAULT ACL|POLICY|USER MAPPING)\b/.test(kind)) return [];
  const statements: string[][] = [[]];
  for (const [token] of definition.matchAll(TOKEN)) {
    if (token === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements;
}

/** A quoted name, a literal, a word, or a sign. A quoted name may hold the words of a statement. */
const TOKEN = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}_][\p{L}\p{N}_$]*|\S/gu;

function rolesOf(words: readonly string[]): string[] {
  const [first, second] = words;
  if (first === "SET") return rolesAfter(words, words.indexOf("AUTHORIZATION"));
  if (first === "CREATE" && second === "POLICY") {
    // Its expressions come after these words, and may hold any.
    const end = words.findIndex((word) => word === "USING" || word === "WITH");
    return rolesAfter(end < 0 ? words : words.slice(0, end), words.indexOf("TO"));
  }
  if (first === "CREATE") return rolesAfter(words, words.indexOf("FOR"));
  const whose = second === "DEFAULT" ? rolesAfter(words, words.indexOf("ROLE")) : [];
  if (!["GRANT", "REVOKE", "ALTER"].includes(first ?? "")) return whose;
  return [
    ...whose,
    ...rolesAfter(words, Math.max(...["TO", "FROM"].map((w) => words.lastIndexOf(w)))),
  ];
}

/** A list of roles after a word. */
function rolesAfter(words: readonly string[], at: number): string[] {
  const roles: string[] = [];
  for (let next = at + 1; at >= 0 && next < words.length; next += 2) {
    const role = roleOf(words[next] ?? "");
    if (role !== undefined) roles.push(role);
    if (words[next + 1] !== ",") break;
  }
  return roles;
}

/** Words of SQL in the place of a role. */
const NO_ROLES = new Set(["PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER", "DEFAULT"]);
/** No role can have these names, also when they are quoted: pg_dump writes "public" for everybody. */
const RESERVED = new Set(["public", "none"]);

function roleOf(word: string): string | undefined {
  if (NO_ROLES.has(word)) return undefined;
  const name = word.startsWith('"') ? word.slice(1, -1).replace(/""/g, '"') : word;
  return RESERVED.has(name) ? undefined : name;
}
