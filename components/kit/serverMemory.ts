import { megabytes } from "../schema/primitives";

/** What follows from a server's memory, in MB. */
export interface ServerMemory {
  /** The container's limit. */
  limit: number;
  /** The container's /dev/shm, in which parallel queries share rows. It counts in the limit. */
  shm: number;
  /** Lines of postgresql.conf. */
  conf: string;
}

/**
 * The memory of a server. Page cache counts in the container's limit, so three quarters of it are what a query may
 * hope to find cached. Without the key everything is as it was before there was one.
 *
 * @param memory `memory` of the primary or of a standby
 */
export function serverMemory(memory: string | undefined): ServerMemory {
  if (memory === undefined) return { limit: 2048, shm: 256, conf: "shared_buffers = '256MB'\n" };
  const limit = megabytes(memory);
  const maintenance = Math.min(Math.floor(limit / 16), 1024);
  return {
    limit,
    shm: Math.max(256, Math.floor(limit / 4)),
    conf: `shared_buffers = '${Math.floor(limit / 4)}MB'
effective_cache_size = '${Math.floor((limit * 3) / 4)}MB'
maintenance_work_mem = '${maintenance}MB'
`,
  };
}

/**
 * The least memory with which a server works, in MB. Each connection is a process, which has about 5 MB of its own
 * after a few queries, and 4 MB more while it sorts (`work_mem`). A quarter of all is `shared_buffers`. pgBackRest,
 * autovacuum and the server's own processes need room as well. A trial has every connection sort at the same time.
 */
export function leastMemory(maxConnections: number): number {
  return 256 + 12 * maxConnections;
}

/**
 * The least memory of a standby of an external primary, in MB. How many connections it takes is known when the primary
 * is asked, so this is what a server with few of them needs.
 */
export const leastOfStandby = 656;
