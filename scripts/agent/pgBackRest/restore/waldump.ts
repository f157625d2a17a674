import type { Micros } from "../../../../contract/pgTime";
import type { WalPlace } from "./facts";

/** The groups of WAL records that a search reads. */
export type Group = "Transaction" | "XLOG" | "Standby";

/** A record as pg_waldump prints it. */
export interface WalRecord {
  group: string;
  xid: number;
  lsn: string;
  /** Its kind and what it holds. */
  description: string;
}

const line =
  /^rmgr: (\S+)\s+len \(rec\/tot\):\s*\d+\/\s*\d+, tx:\s*(\d+), lsn: ([0-9A-F]+\/[0-9A-F]+), prev [0-9A-F]+\/[0-9A-F]+, desc: (.*)$/;

/**
 * Reads what pg_waldump prints. It has no other output than lines. A name in a record may hold a line break, and so look
 * like a record of its own: what decides is read again by its LSN.
 */
export function parseRecords(text: string): WalRecord[] {
  return text.split("\n").flatMap((one) => {
    const [, group, xid, lsn, description] = line.exec(one) ?? [];
    if (group === undefined || lsn === undefined || description === undefined) return [];
    return [{ group, xid: Number(xid), lsn: shortened(lsn), description: description.trimEnd() }];
  });
}

/** pg_waldump pads the lower half with zeros: `0/05000098`. */
const shortened = (lsn: string) => lsn.replace(/\/0+(?=.)/, "/");

/** The end of a transaction: recovery can stop there. */
export interface TransactionEnd extends WalPlace {
  xid: number;
  at: Micros;
}

const end =
  /^(?:COMMIT|ABORT|COMMIT_PREPARED|ABORT_PREPARED) (?:(\d+): )?(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\.(\d{6}) UTC/;

/** The transaction that a record ends. */
export function transactionEnd(record: WalRecord, timeline: number): TransactionEnd | undefined {
  const [, prepared, date, time, fraction] = end.exec(record.description) ?? [];
  if (record.group !== "Transaction" || fraction === undefined) return undefined;
  const at = Date.parse(`${date}T${time}Z`) * 1000 + Number(fraction);
  // A prepared one is ended by another.
  const xid = prepared === undefined ? record.xid : Number(prepared);
  return { lsn: record.lsn, timeline, xid, at, description: record.description };
}

/** What a checkpoint notes of the transactions: the next one, and the oldest that has not ended. */
export interface RunningXids {
  next: number;
  oldest: number;
}

const running = /^RUNNING_XACTS nextXid (\d+) latestCompletedXid \d+ oldestRunningXid (\d+)/;

/** The transactions that a record says to be running. */
export function runningXids({ group, description }: WalRecord): RunningXids | undefined {
  const [, next, oldest] = running.exec(description) ?? [];
  return group === "Standby" && next !== undefined && oldest !== undefined
    ? { next: Number(next), oldest: Number(oldest) }
    : undefined;
}

/** Whether a record is the restore point of a name. */
export const isPoint = ({ group, description }: WalRecord, name: string): boolean =>
  group === "XLOG" && description === `RESTORE_POINT ${name}`;

/** Whether a transaction's number was given before another one's. They count round in 32 bits. */
export const wasBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;
