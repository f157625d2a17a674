import type { Client } from "pg";
import type { StandbyFacts } from "../../../../contract/health/facts";
import { identitySql, standbyFact } from "../../../../contract/health/sql";
import { heartbeatSql, readBeat } from "./heartbeat";
import { iso } from "./primary";
import type { Replayed } from "./lag";
import { askFacts } from "./serverSession";

/** What a look at a standby found. */
export interface SeenStandby {
  facts: StandbyFacts;
  replayed: Replayed;
  /** Seconds since the primary last sent something. Null: nobody knows. */
  silence: number | null;
}

interface Found {
  standby: Pick<StandbyFacts, "inRecovery" | "paused" | "streaming" | "replayAge">;
  identity: { systemIdentifier: string; timeline: number; clock: string };
  replay: { lsn: string | null; at: string | null; silence: number | null };
  heartbeat: boolean;
}

const replaySql = `json_build_object('lsn', pg_last_wal_replay_lsn(), 'at', pg_last_xact_replay_timestamp(),
    'silence', (SELECT extract(epoch FROM clock_timestamp() - last_msg_receipt_time) FROM pg_stat_wal_receiver))`;

/** A standby may not write, so the right to read is enough there. */
const questions: Record<keyof Found, string> = {
  ...{ standby: standbyFact, identity: identitySql, replay: replaySql, heartbeat: heartbeatSql },
};

/** @param managed whether its primary has a heartbeat */
export async function askStandby(
  client: Client,
  managed: boolean,
): Promise<SeenStandby | undefined> {
  const asked = Date.now();
  const found = (await askFacts(client, questions)) as Partial<Found>;
  const monitor = new Date((asked + Date.now()) / 2).toISOString();
  const { standby, identity, replay } = found;
  if (!standby) return undefined;
  const beat = managed && found.heartbeat ? await readBeat(client) : undefined;
  const { clock, ...same } = identity ?? {};
  return {
    facts: {
      ...{ ...standby, ...same },
      ...(clock ? { clock: { server: iso(clock), monitor } } : {}),
    },
    replayed: {
      ...{ beat, lsn: replay?.lsn ?? undefined },
      at: replay?.at ? iso(replay.at) : undefined,
    },
    silence: replay?.silence ?? null,
  };
}
