import type { PoolFacts } from "./facts";

/** A row of PgBouncer's SHOW POOLS, as text. Releases of PgBouncer have other columns beside these. */
export function poolOf(row: Readonly<Record<string, string | undefined>>): PoolFacts {
  const number = (name: string) => Number(row[name] ?? 0) || 0;
  return {
    ...{ database: row["database"] ?? "", user: row["user"] ?? "", mode: row["pool_mode"] ?? "" },
    clients: { active: number("cl_active"), waiting: number("cl_waiting") },
    servers: { active: number("sv_active"), idle: number("sv_idle"), used: number("sv_used") },
    maxWait: number("maxwait") + number("maxwait_us") / 1_000_000,
  };
}
