import {
  isUnknown,
  type PrimaryFacts,
  type ServerIdentity,
  type StackFacts,
  type StandbyFacts,
} from "../../../../contract/health/facts";
import { age, type Family, type Sample, seconds } from "./family";

/**
 * What is known of the servers. Names, units and labels are those of postgres_exporter where the meaning is the same.
 * It has an instance for each server; here the label `server` tells them apart.
 */
export function serverFamilies({ at, primary, standbys }: StackFacts): Family[] {
  const all = [["primary", primary] as const, ...Object.entries(standbys)];
  const up: Family = {
    name: "pg_up",
    help: "Whether the server answered the last look.",
    samples: all.map(([server, seen]) => [{ server }, isUnknown(seen) ? 0 : 1]),
  };
  const known = isUnknown(primary) ? undefined : primary;
  const answered = Object.entries(standbys).flatMap(([server, seen]) =>
    isUnknown(seen) ? [] : [{ server, standby: seen }],
  );
  const identities: [string, ServerIdentity][] = [
    ...(known ? [["primary", known] as [string, ServerIdentity]] : []),
    ...answered.map(({ server, standby }): [string, ServerIdentity] => [server, standby]),
  ];
  return [
    up,
    ...replicationFamilies(known, answered),
    ...(known ? primaryFamilies(known, at) : []),
    {
      name: "laterbase_server_timeline",
      help: "The timeline that the server is on.",
      samples: identities.map(([server, { timeline }]) => [{ server }, timeline]),
    },
    {
      name: "laterbase_server_clock_offset_seconds",
      help: "How far the server's clock is ahead of the monitor's.",
      samples: identities.map(([server, { clock }]) => [{ server }, clock && offset(clock)]),
    },
  ];
}

const offset = ({ server, monitor }: NonNullable<ServerIdentity["clock"]>) =>
  (Date.parse(server) - Date.parse(monitor)) / 1000;

function replicationFamilies(
  primary: PrimaryFacts | undefined,
  standbys: readonly { server: string; standby: StandbyFacts }[],
): Family[] {
  const own = { server: "primary" };
  const each = (of: (standby: StandbyFacts) => number | null | undefined): Sample[] =>
    standbys.map(({ server, standby }) => [{ server }, of(standby)]);
  return [
    {
      name: "pg_replication_is_replica",
      help: "Whether the server is in recovery.",
      samples: [
        [own, primary && Number(primary.inRecovery)],
        ...each(({ inRecovery }) => Number(inRecovery)),
      ],
    },
    {
      name: "pg_replication_lag_seconds",
      help: "How far replay is behind the primary. 0 for a server that is not in recovery.",
      samples: [
        [own, primary && !primary.inRecovery ? 0 : undefined],
        ...each(({ inRecovery, lagSeconds }) => (inRecovery ? lagSeconds : 0)),
      ],
    },
    {
      name: "pg_replication_last_replay_seconds",
      help: "Age of the last transaction that was replayed.",
      samples: each(({ replayAge }) => replayAge),
    },
    {
      name: "laterbase_standby_streaming",
      help: "Whether WAL streams to the standby.",
      samples: each(({ streaming }) => Number(streaming)),
    },
    {
      name: "laterbase_standby_replay_paused",
      help: "Whether replay on the standby is paused.",
      samples: each(({ paused }) => Number(paused)),
    },
  ];
}

function primaryFamilies(facts: PrimaryFacts, at: string): Family[] {
  const { startedAt, connections, databases, slots, replicas, archiver } = facts;
  const { transactionAge, drift } = facts;
  const server = { server: "primary" };
  // The largest first: where there are too many, the small ones are left out.
  const bySize = [...(databases ?? [])].sort((a, b) => b.bytes - a.bytes);
  return [
    {
      name: "pg_postmaster_start_time_seconds",
      help: "When the server started, in seconds since 1970.",
      samples: [[server, seconds(startedAt)]],
    },
    {
      name: "pg_settings_max_connections",
      help: "How many connections there may be.",
      samples: [[server, connections.most]],
    },
    {
      name: "laterbase_server_connections",
      help: "Connections of clients.",
      samples: [[server, connections.used]],
    },
    {
      name: "pg_database_size_bytes",
      help: "Size of the database.",
      samples: bySize.map(({ name, bytes }) => [{ ...server, datname: name }, bytes]),
    },
    {
      name: "pg_stat_activity_count",
      help: "Connections of clients to the database, in every state.",
      samples: bySize.map(({ name, clients }) => [
        { ...server, datname: name, backend_type: "client backend" },
        clients,
      ]),
    },
    {
      name: "pg_replication_slots_active",
      help: "Whether something uses the slot.",
      samples: slots.map(({ name, active }) => [{ ...server, slot_name: name }, Number(active)]),
    },
    {
      name: "pg_replication_slots_pg_wal_lsn_diff",
      help: "WAL that the slot keeps, in bytes.",
      samples: slots.map(({ name, bytes }) => [{ ...server, slot_name: name }, bytes]),
    },
    {
      name: "pg_replication_slots_wal_status",
      help: "The state of the slot's WAL, as a label: reserved, extended, unreserved or lost. Always 1.",
      samples: slots.map(({ name, status }) => [
        { ...server, slot_name: name, wal_status: status ?? "" },
        status === null ? undefined : 1,
      ]),
    },
    {
      name: "laterbase_slot_limit_bytes",
      help: "How much WAL the slot may keep. Absent: there is no limit.",
      samples: slots.map(({ name, limit }) => [{ ...server, slot_name: name }, limit]),
    },
    {
      name: "pg_stat_replication_pg_wal_lsn_diff",
      help: "WAL that the other end has not replayed, in bytes.",
      // Of several with the same labels, the last one stays: the one that is the farthest behind.
      samples: [...replicas]
        .sort((a, b) => (a.bytes ?? 0) - (b.bytes ?? 0))
        .map(({ slot, state, bytes }) => [{ ...server, slot_name: slot ?? "", state }, bytes]),
    },
    {
      ...{ name: "pg_stat_archiver_archived_count", kind: "counter" as const },
      help: "WAL files that were archived.",
      samples: [[server, archiver?.archived]],
    },
    {
      ...{ name: "pg_stat_archiver_failed_count", kind: "counter" as const },
      help: "Failed attempts to archive a WAL file.",
      samples: [[server, archiver?.failed]],
    },
    {
      name: "pg_stat_archiver_last_archive_age",
      help: "Seconds since a WAL file was archived last.",
      samples: [[server, age(archiver?.lastArchivedAt, at)]],
    },
    {
      name: "pg_database_wraparound_age_datfrozenxid_seconds",
      help: "Age of the oldest transaction id that is not frozen, in transactions. Of the database where it is.",
      samples: transactionAge
        ? [[{ ...server, datname: transactionAge.database }, transactionAge.age]]
        : [],
    },
    {
      name: "laterbase_transaction_age_limit",
      help: "The age at which PostgreSQL refuses new transactions.",
      samples: [[server, transactionAge?.limit]],
    },
    {
      name: "laterbase_drift_findings",
      help: "Things on the primary that are not as the stack wants them.",
      samples: [[server, drift?.length]],
    },
  ];
}
