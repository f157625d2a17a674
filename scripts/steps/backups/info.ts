import { parsePgBackRest } from "../../../contract/pgBackRestJson";

/** What `pgbackrest info --output=json` says of a stanza. */
export interface StanzaInfo {
  repositories: RepositoryInfo[];
}

/** A repository of it. */
export interface RepositoryInfo {
  /** pgBackRest's number. */
  number: number;
  state: "there" | "missing" | "unreadable";
  /** Why it cannot be read, in pgBackRest's words. */
  why: string;
  /** The newest server that it has backups of. Absent where there is none. */
  server?: ServerId;
  /** The label of the newest backup. Absent where there is none. */
  newest?: string;
}

/** Which server it is. */
export interface ServerId {
  /** PostgreSQL's system identifier. It has more digits than a number keeps. */
  system: string;
  /** The major version. */
  version: number;
}

interface Printed {
  name: string;
  db?: { id: number; "repo-key": number; "system-id": string; version: string }[];
  repo?: { key: number; status: { code: number; message: string } }[];
  backup?: { label: string; database: { "repo-key": number }; timestamp: { stop: number } }[];
}

/** pgBackRest's codes of a repository: https://pgbackrest.org/command.html#command-info */
const codes = { ok: 0, missingPath: 1, noBackups: 2, missingData: 3 };

/** Reads what was printed. */
export function readInfo(printed: string, stanza: string): StanzaInfo {
  // As a number it would lose its last digits.
  const exact = printed.replace(/"system-id":(\d+)/g, '"system-id":"$1"');
  const all = parsePgBackRest(exact) as Printed[];
  const own = all.find(({ name }) => name === stanza);
  return { repositories: (own?.repo ?? []).map((repo) => readRepository(repo, own ?? {})) };
}

function readRepository(
  { key, status }: NonNullable<Printed["repo"]>[number],
  { db: servers = [], backup: backups = [] }: Partial<Printed>,
): RepositoryInfo {
  const last = backups
    .filter(({ database }) => database["repo-key"] === key)
    .sort((a, b) => b.timestamp.stop - a.timestamp.stop)[0];
  const [newest] = servers.filter((one) => one["repo-key"] === key).sort((a, b) => b.id - a.id);
  const missing = [codes.missingPath, codes.missingData].includes(status.code);
  const there = [codes.ok, codes.noBackups].includes(status.code) || newest !== undefined;
  return {
    number: key,
    state: missing ? "missing" : there ? "there" : "unreadable",
    why: status.message.split("\n")[0] ?? "",
    ...(newest
      ? { server: { system: newest["system-id"], version: Number.parseInt(newest.version, 10) } }
      : {}),
    ...(last ? { newest: last.label } : {}),
  };
}
