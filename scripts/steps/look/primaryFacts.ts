import { BlockList, isIPv6 } from "node:net";
import { slotName } from "../../../contract/names";
import { quoted } from "../../../contract/quoting";
import type { SeenEngine } from "./engine";
import type { Found } from "./found";

/** What a server says about itself. */
export interface PrimaryFacts {
  major: number;
  databases: string[];
  /** The address of the container that asked, as the server sees it. Null over a socket. */
  client: string | null;
  /** From where the standby of each slot streams now. */
  streams: Record<string, string>;
  /** The bytes of all databases; 0 where they were not asked for. */
  bytes: number;
}

/** What a look at the primary gives. */
export interface SeenPrimary {
  found: Found;
  /** What the looks at the engines need of it. Undefined where it did not answer. */
  facts?: PrimaryFacts | undefined;
}

/**
 * Asks for the facts. Names have their schema: nothing that the owner of a database makes can stand before
 * them.
 *
 * @param bytes whether to ask for the size of all databases, which takes longer
 */
export const factsQuery = (bytes: boolean): string => `SELECT pg_catalog.json_build_object(
  'major', pg_catalog.current_setting('server_version_num')::pg_catalog.int4 / 10000,
  'databases', (SELECT pg_catalog.json_agg(datname ORDER BY datname) FROM pg_catalog.pg_database WHERE datname NOT IN ('template0', 'template1')),
  'client', pg_catalog.host(pg_catalog.inet_client_addr()),
  'streams', coalesce((SELECT pg_catalog.json_object_agg(s.slot_name, pg_catalog.host(r.client_addr))
     FROM pg_catalog.pg_replication_slots s JOIN pg_catalog.pg_stat_replication r ON r.pid = s.active_pid
    WHERE r.client_addr IS NOT NULL), '{}'),
  'bytes', ${bytes ? "(SELECT pg_catalog.sum(pg_catalog.pg_database_size(oid)) FROM pg_catalog.pg_database)" : "0"})`;

/**
 * A sentence for each address of an engine, as the server sees it, that `allowFrom` does not admit: the one that
 * asked, and those from which its standbys stream now.
 */
export function unadmitted(
  allowFrom: readonly string[],
  facts: PrimaryFacts,
  { wanted, where }: Pick<SeenEngine, "wanted" | "where">,
): string[] {
  const streams = wanted.standbys.flatMap(({ name }): [string, string][] => {
    const address = facts.streams[slotName(name)];
    return address === undefined ? [] : [[address, `the standby ${quoted(name)} connects`]];
  });
  const client: [string, string][] = facts.client
    ? [[facts.client, `containers of ${where} connect`]]
    : [];
  const outside = new Map(
    [...client, ...streams].filter(([address]) => !admits(allowFrom, address)),
  );
  return [...outside].map(
    ([address, who]) =>
      `laterbase:primary.allowFrom must admit ${address}, from where ${who}, such as ` +
      `${address}/${isIPv6(address) ? 128 : 32}; it is [${allowFrom.join(", ")}]`,
  );
}

function admits(allowFrom: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const network of allowFrom) {
    const [base = "", length = ""] = network.split("/");
    list.addSubnet(base, Number(length), isIPv6(base) ? "ipv6" : "ipv4");
  }
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
