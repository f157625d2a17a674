import { Client } from "pg";
import { publishedPort } from "./container";
import { type DumpLab, timed, withDumpLab } from "./dumpLab";
import { type Figure, interleaved, median } from "./figure";

/** Indexes of each partition. With the partitions themselves 2,000 of them are 14,000 relations. */
const INDEXES = 6;

/** Compares a dump of very many relations with `pg_dump -Fc`, each while a client uses all of them. */
export function dumpingMany(
  quick: boolean,
  times: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  const partitions = quick ? 100 : 2000;
  return withDumpLab(17, { partitions, indexes: INDEXES }, say, async (lab) => {
    const client = new Served(lab);
    const byHand = `pg_dump -h ${lab.prefix}-standby -U postgres -Fc -f /backups/by_hand.backup bench`;
    const report = (side: string) => (seconds: number) => {
      say(`many relations: ${side} ${seconds.toFixed(1)} s`);
      return seconds;
    };
    // The client works beside both, because it takes one of the processors.
    const beside = (side: string, command: string) => async () => {
      const serving = client.start(partitions);
      try {
        return report(side)(await timed(lab, command));
      } finally {
        client.stop();
        await serving;
      }
    };
    const ours = beside("ours", "laterbase-agent dump >/dev/null");
    const runs = await interleaved(times, ours, beside("by hand", byHand));
    say(`a client was served ${client.answers} times`);
    if (client.answers === 0) throw new Error("No client was served while the dumps ran.");
    const relations = partitions * (1 + INDEXES);
    return [
      {
        measured: `time of a dump of ${relations} relations, PostgreSQL 17`,
        against: "pg_dump -Fc",
        unit: "s",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "ratio",
        limit: 2,
        runs,
      },
      {
        measured: "clients of the primary that were refused meanwhile",
        against: "none",
        unit: "clients",
        ours: client.refused,
        theirs: 0,
        kind: "difference",
        limit: 0,
        runs: { ours: [client.refused], theirs: [0] },
      },
    ];
  });
}

/** A client of the primary whose transactions lock as many relations as an application's do. */
class Served {
  answers = 0;
  refused = 0;
  private over = false;

  constructor(private readonly lab: DumpLab) {}

  stop(): void {
    this.over = true;
  }

  async start(partitions: number): Promise<void> {
    this.over = false;
    const { primary, password } = this.lab;
    const login = { host: "127.0.0.1", port: await publishedPort(primary), user: "postgres" };
    while (!this.over) {
      const client = new Client({ ...login, password, database: "bench" });
      client.on("error", () => undefined);
      try {
        await client.connect();
        const first = Math.floor(Math.random() * (partitions - 20));
        await client.query("SELECT count(*) FROM many WHERE n >= $1 AND n < $2", [
          first,
          first + 20,
        ]);
        this.answers++;
      } catch {
        this.refused++;
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}
