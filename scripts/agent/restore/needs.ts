import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { decoderOf } from "./encodings";

/** What a dump expects on the server where it is restored. */
export interface Needs {
  roles: Set<string>;
  tablespaces: Set<string>;
}

const HEADER = /^-- Name: .*; Type: ([A-Z ]+); Schema: .*; Owner: (.*?)(?:; Tablespace: (.*))?$/;
const IDENTIFIER = '"(?:[^"]|"")+"|[^\\s",;()]+';
const GRANT = new RegExp(
  `^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\\b.* (?:TO|FROM) (${IDENTIFIER})(?: WITH GRANT OPTION)?;$`,
);
const FOR_ROLE = new RegExp(`^ALTER DEFAULT PRIVILEGES FOR ROLE (${IDENTIFIER}) `);
const AUTHORIZATION = new RegExp(`^SET SESSION AUTHORIZATION (${IDENTIFIER});$`);
const POLICY = new RegExp(
  `^CREATE POLICY .* TO ((?:${IDENTIFIER})(?:, (?:${IDENTIFIER}))*)(?: USING| WITH CHECK|;)`,
);
const MAPPING = new RegExp(`^CREATE USER MAPPING FOR (${IDENTIFIER}) SERVER `);

/** The statements that name roles. In other places, such as a function's body, names are text. */
const NAMED_BY: Record<string, RegExp[]> = {
  ACL: [GRANT, AUTHORIZATION],
  "DEFAULT ACL": [GRANT, FOR_ROLE, AUTHORIZATION],
  POLICY: [POLICY],
  "USER MAPPING": [MAPPING],
};

/** It comes before everything else. */
const ENCODING = /^SET client_encoding = '(\w+)';$/;

/** Words of SQL in the place of a role. */
const NO_ROLES = new Set(["PUBLIC", "public", "DEFAULT", "CURRENT_USER", "SESSION_USER"]);

/**
 * Reads the script that pg_restore makes from a dump without its rows. The list of contents is not
 * enough: it has only a space between a name and an owner, and no grantees.
 */
export async function readNeeds(script: Readable): Promise<Needs> {
  const needs: Needs = { roles: new Set(), tablespaces: new Set() };
  let patterns: RegExp[] = [];
  let decoder = decoderOf();
  const input = Readable.from(bytesOf(script));
  for await (const bytes of createInterface({ input, crlfDelay: Infinity })) {
    const line = decoder.decode(Buffer.from(bytes, "latin1"));
    const encoding = ENCODING.exec(line)?.[1];
    if (encoding !== undefined) decoder = decoderOf(encoding);
    const header = line.startsWith("-- Name: ") ? HEADER.exec(line) : null;
    if (header) {
      const [, type = "", owner = "", tablespace] = header;
      patterns = NAMED_BY[type] ?? [];
      if (owner !== "-" && owner !== "") needs.roles.add(owner);
      if (tablespace && tablespace !== "-") needs.tablespaces.add(tablespace);
      continue;
    }
    for (const pattern of patterns) {
      for (const word of pattern.exec(line)?.[1]?.match(new RegExp(IDENTIFIER, "g")) ?? []) {
        if (!NO_ROLES.has(word)) needs.roles.add(unquoted(word));
      }
    }
  }
  return needs;
}

/** Bytes as characters of the same numbers: how they are encoded stands in the script itself. */
async function* bytesOf(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield Buffer.from(chunk as Buffer).toString("latin1");
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replace(/""/g, '"') : word;
}
