import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type { Context } from "../../kit/context";
import { runTool } from "../../kit/tools";

/** The tables that WAL writes: by the numbers of their files, and by their OIDs where one was locked alone. */
export interface Written {
  files: Set<string>;
  oids: Set<string>;
}

/** A part of the WAL. */
export interface Part {
  folder: string;
  timeline: number;
  from: string;
  to: string;
  signal: AbortSignal;
}

/** What a part of the WAL in a folder writes. */
export async function writtenBetween(
  { config: { major } }: Context,
  { folder, timeline, from, to, signal }: Part,
): Promise<Written> {
  const written: Written = { files: new Set(), oids: new Set() };
  const output = new PassThrough();
  const tool = runTool(
    `/usr/lib/postgresql/${major}/bin/pg_waldump`,
    [`--path=${folder}`, `--timeline=${timeline}`, `--start=${from}`, `--end=${to}`],
    { signal, output },
  );
  // Its failure is thrown below. Here it only has to end the loop.
  tool.catch(() => output.end());
  for await (const line of createInterface({ input: output })) note(line, written);
  await tool;
  return written;
}

const record = /^rmgr: (\S+)\s.*?, desc: (\S+)/;
const block = /\brel \d+\/\d+\/(\d+)/g;
const lock = /\bdb \d+ rel (\d+)/g;
const removed = /\b(?:base|global|pg_tblspc)\/(?:[^\s/;]+\/)*(\d+)/g;

/**
 * Notes what a record writes. Vacuum and hint bits change no row. Text of a user in a record can only add a table: it is
 * then unproven, and never proven wrongly.
 */
export function note(line: string, { files, oids }: Written): void {
  const [, group, kind = ""] = record.exec(line) ?? [];
  if (group === undefined || group === "XLOG") return;
  if (group === "Heap2" && !kind.startsWith("MULTI_INSERT")) return;
  for (const [, file = ""] of line.matchAll(block)) files.add(file);
  if (group === "Standby") for (const [, oid = ""] of line.matchAll(lock)) oids.add(oid);
  if (group === "Transaction" || group === "Storage") {
    for (const [, file = ""] of line.matchAll(removed)) files.add(file);
  }
}
