import {
  isUnknown,
  type PoolerFacts,
  type PoolFacts,
  type Seen,
} from "../../../../contract/health/facts";
import { type Family, type Sample, single } from "./family";

/** What the pooler says, by the names of pgbouncer_exporter. */
export function poolerFamilies(pooler: Seen<PoolerFacts>): Family[] {
  const up: Family = {
    name: "pgbouncer_up",
    help: "Whether the pooler answered the last look.",
    samples: single(isUnknown(pooler) ? 0 : 1),
  };
  if (isUnknown(pooler)) return [up];
  const { pools, mostClients, paused } = pooler;
  const each = (of: (pool: PoolFacts) => number): Sample[] =>
    pools.map((pool) => [{ database: pool.database, user: pool.user }, of(pool)]);
  return [
    up,
    {
      name: "pgbouncer_config_max_client_connections",
      help: "How many clients there may be.",
      samples: single(mostClients),
    },
    {
      name: "pgbouncer_pools_client_active_connections",
      help: "Clients that have a connection to the server, or need none now.",
      samples: each(({ clients }) => clients.active),
    },
    {
      name: "pgbouncer_pools_client_waiting_connections",
      help: "Clients that wait for a connection to the server.",
      samples: each(({ clients }) => clients.waiting),
    },
    {
      name: "pgbouncer_pools_client_maxwait_seconds",
      help: "How long the first of the waiting clients has waited.",
      samples: each(({ maxWait }) => maxWait),
    },
    {
      name: "pgbouncer_pools_server_active_connections",
      help: "Connections to the server that a client uses.",
      samples: each(({ servers }) => servers.active),
    },
    {
      name: "pgbouncer_pools_server_idle_connections",
      help: "Connections to the server that are ready for a client.",
      samples: each(({ servers }) => servers.idle),
    },
    {
      name: "pgbouncer_pools_server_used_connections",
      help: "Connections to the server that were idle for so long that they are tested first.",
      samples: each(({ servers }) => servers.used),
    },
    {
      name: "laterbase_pooler_paused",
      help: "Whether the pooler is paused, so that its clients wait.",
      samples: single(Number(paused)),
    },
  ];
}
