import { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";

export type Entry = Header & { text: string };

/** The entries of a tar stream, with their content. */
export async function list(tar: AsyncIterable<unknown>): Promise<Entry[]> {
  const entries: Entry[] = [];
  const reader = extract();
  Readable.from(tar).pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.push({ ...entry.header, text: Buffer.concat(chunks).toString() });
  }
  return entries;
}

/** Their names, without the slash at the end of a folder. */
export function names(entries: Entry[]): string[] {
  return entries.map(({ name }) => name.replace(/\/$/, ""));
}
