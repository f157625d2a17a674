import type { ArchivedSegment, WalPlace } from "../../scripts/agent/pgBackRest/restore/facts";
import { lsnOf, segmentAt, segmentName } from "../../scripts/agent/pgBackRest/restore/lsn";
import type { WalReader } from "../../scripts/agent/pgBackRest/restore/reader";
import type { Group, WalRecord } from "../../scripts/agent/pgBackRest/restore/waldump";
import { positionOf } from "../../scripts/agent/pgBackRest/segments";

/** WAL without an archive: its records by segment. Without `forged`, each of them is real. */
export class FakeWal implements WalReader {
  readonly asked: string[] = [];

  constructor(
    private readonly records: ReadonlyMap<string, readonly WalRecord[]>,
    private readonly forged: readonly string[] = [],
  ) {}

  read(segment: string, group: Group): Promise<WalRecord[]> {
    this.asked.push(`${segment} ${group}`);
    const all = this.records.get(segment) ?? [];
    return Promise.resolve(all.filter((one) => one.group === group));
  }

  firstAt(segment: string, lsn: string): Promise<WalRecord | undefined> {
    const all = this.records.get(segment) ?? [];
    return Promise.resolve(all.find((one) => lsnOf(one.lsn) >= lsnOf(lsn)));
  }

  firstReal<Place extends WalPlace>(places: readonly Place[]): Promise<Place | undefined> {
    return Promise.resolve(places.find(({ lsn }) => !this.forged.includes(lsn)));
  }

  lastReal<Place extends WalPlace>(places: readonly Place[]): Promise<Place | undefined> {
    return this.firstReal([...places].reverse());
  }
}

/** The LSN of a place in a segment. */
export function lsn(number: number, offset: number): string {
  const at = (BigInt(number) << 24n) + BigInt(offset);
  const hex = (value: bigint) => value.toString(16).toUpperCase();
  return `${hex(at >> 32n)}/${hex(at & 0xffffffffn)}`;
}

/** `2026-11-29 12:00:00.000001 UTC`, so many microseconds after noon of that day. */
export function noonPlus(micros: number): string {
  const whole = Math.floor(micros / 1_000_000);
  const time = new Date(noon / 1000 + whole * 1000).toISOString().slice(0, 19).replace("T", " ");
  return `${time}.${String(micros - whole * 1_000_000).padStart(6, "0")} UTC`;
}

export const noon = Date.UTC(2026, 10, 29, 12) * 1000;

/** The end of a transaction, so many microseconds after noon. */
export const commit = (at: string, xid: number, micros: number, kind = "COMMIT"): WalRecord => ({
  ...{ group: "Transaction", xid, lsn: at, description: `${kind} ${noonPlus(micros)}` },
});

export const running = (at: string, next: number, oldest = next): WalRecord => ({
  ...{ group: "Standby", xid: 0, lsn: at },
  description: `RUNNING_XACTS nextXid ${next} latestCompletedXid ${next - 1} oldestRunningXid ${oldest}`,
});

export const point = (at: string, name: string): WalRecord => ({
  ...{ group: "XLOG", xid: 0, lsn: at, description: `RESTORE_POINT ${name}` },
});

/** Records by the segments of a timeline that they are in. */
export function wal(...parts: [timeline: number, records: readonly WalRecord[]][]) {
  const all = new Map<string, WalRecord[]>();
  for (const [timeline, records] of parts) {
    for (const record of records) {
      const segment = segmentName(timeline, segmentAt(record.lsn));
      all.set(segment, [...(all.get(segment) ?? []), record]);
    }
  }
  return all;
}

/** Segments of a timeline, one a minute from noon on. */
export const archived = (from: number, to: number, timeline = 1): ArchivedSegment[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    segment: segmentName(timeline, from + index),
    bytes: 1000 + from + index,
    at: noon + (from + index) * 60_000_000,
  }));

export const without = (segments: readonly ArchivedSegment[], ...numbers: number[]) =>
  segments.filter(({ segment }) => !numbers.includes(positionOf(segment).number));
