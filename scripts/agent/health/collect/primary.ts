import type { Client } from "pg";
import type { HealthConfig } from "../../../../contract/health/config";
import type {
  DatabaseFacts,
  PrimaryFacts,
  ReplicaFacts,
  SlotFacts,
} from "../../../../contract/health/facts";
import { identitySql, primarySql, transactionAgeSql } from "../../../../contract/health/sql";
import { type Beat, beat, heartbeatSql } from "./heartbeat";
import { driftOf, driftSql, lackingSql, type SeenSettings, waitingOf } from "./drift";
import { isRefusal } from "./kept";
import { askFacts } from "./serverSession";

/** Sizes of databases with thousands of tables take long, so they are asked for rarely, in milliseconds. */
const sizesEveryMs = 600_000;

/** What a look at the primary found. */
export interface SeenPrimary {
  facts: PrimaryFacts;
  /** The server's clock, and its position in the WAL. */
  clock: string;
  lsn: string | undefined;
  beat: Beat | undefined;
  /** Whether others have written since the last beat. */
  written: boolean;
}

/** Asks the primary each time, and keeps what costs more. */
export class PrimaryLook {
  private sizes = new Map<string, number>();
  private sizesAt = -Infinity;

  constructor(private readonly config: HealthConfig) {}

  async ask(client: Client): Promise<SeenPrimary | undefined> {
    const asked = Date.now();
    const found = (await askFacts(client, questions(this.config))) as Partial<Found>;
    const monitor = new Date((asked + Date.now()) / 2).toISOString();
    const { server, identity } = found;
    if (!server) return undefined;
    const names = (found.names ?? []).map(({ name }) => name);
    await this.measure(client, names);
    const last =
      this.config.managed && found.heartbeat && !server.inRecovery ? await beat(client) : undefined;
    const { clock, ...same } = identity ?? {};
    const slots = found.slots ?? [];
    return {
      facts: {
        ...{ ...server, ...same },
        ...{ slots, replicas: found.replicas ?? [], running: found.running ?? [] },
        archiver: found.archiver ?? null,
        databases: this.databases(found.names),
        ...(found.lacking ? { lacking: found.lacking } : {}),
        ...(clock ? { clock: { server: iso(clock), monitor } } : {}),
        ...(found.transactionAge ? { transactionAge: found.transactionAge } : {}),
        ...(found.settings ? driftIn(found.settings, this.config) : {}),
      },
      clock: clock ? iso(clock) : monitor,
      lsn: found.lsn ?? undefined,
      beat: last && { beat: last.beat, at: last.at },
      written: last?.written ?? false,
    };
  }

  private async measure(client: Client, names: readonly string[]): Promise<void> {
    const isDue = performance.now() - this.sizesAt >= sizesEveryMs;
    // A new database is measured soon, but a hundred of them a minute are not measured each time.
    const isNew = names.some((name) => !this.sizes.has(name));
    if (!isDue && !(isNew && performance.now() - this.sizesAt >= sizesEveryMs / 10)) return;
    this.sizesAt = performance.now();
    try {
      const { databases } = await askFacts(client, { databases: primarySql.databases });
      const sized = (databases ?? []) as DatabaseFacts[];
      this.sizes = new Map(sized.map(({ name, bytes }) => [name, bytes]));
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }

  /** Null where sizes did not come in time. */
  private databases(names: Found["names"] | undefined): DatabaseFacts[] | null {
    if (!names || this.sizes.size === 0) return null;
    return names.flatMap(({ name, clients }) => {
      const bytes = this.sizes.get(name);
      return bytes === undefined ? [] : [{ name, bytes, clients }];
    });
  }
}

const driftIn = (seen: SeenSettings, config: HealthConfig) => ({
  ...{ drift: driftOf(seen, config), ...waitingOf(seen, config) },
});

/** The answers by the names of the questions. */
interface Found {
  server: Pick<PrimaryFacts, "version" | "startedAt" | "inRecovery" | "connections">;
  slots: SlotFacts[];
  replicas: ReplicaFacts[];
  archiver: PrimaryFacts["archiver"];
  running: PrimaryFacts["running"];
  names: { name: string; clients: number }[];
  lacking: string[];
  identity: { systemIdentifier: string; timeline: number; clock: string };
  transactionAge: NonNullable<PrimaryFacts["transactionAge"]>;
  settings: SeenSettings;
  heartbeat: boolean;
  lsn: string | null;
}

const lsnSql = `(SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)`;

const namesSql = `(SELECT coalesce(json_agg(json_build_object('name', datname, 'clients', coalesce(clients, 0)) ORDER BY datname), '[]')
    FROM pg_database d LEFT JOIN (
      SELECT datid, count(*) AS clients FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY datid) AS a ON datid = d.oid
    WHERE datallowconn AND datname NOT IN ('template0', 'template1'))`;

function questions(config: HealthConfig): Record<keyof Found, string> {
  const { server, slots, replicas, archiver, running } = primarySql;
  return {
    ...{ server, slots, replicas, archiver, running, names: namesSql },
    lacking: lackingSql(config.databases ?? []),
    ...{ identity: identitySql, transactionAge: transactionAgeSql },
    ...{ settings: driftSql(config), lsn: lsnSql },
    heartbeat: config.managed ? heartbeatSql : "false",
  };
}

/** PostgreSQL writes times in another form of ISO 8601. */
export const iso = (time: string) => new Date(time).toISOString();
