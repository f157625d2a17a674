import { closeSync, openSync, readSync } from "node:fs";
import { Failure } from "../kit/failure";

/** One entry of an archive's table of contents. */
export interface Entry {
  id: number;
  /** Such as `TABLE`, `TABLE DATA` or `FK CONSTRAINT`. */
  kind: string;
  section: "none" | "pre-data" | "data" | "post-data";
  schema: string;
  name: string;
  /** Empty: nobody, such as for the encoding. */
  owner: string;
  /** Empty: the database's own. */
  tablespace: string;
  /** Of a table: its access method. Empty: the database's own. */
  accessMethod: string;
  /** The SQL that makes it. */
  definition: string;
  /** Of rows: the `COPY … FROM stdin` that loads them. */
  copy: string;
  /** The ids of the entries that must be there first. */
  needs: number[];
}

/** The versions of the format that PostgreSQL 13 to 18 write. */
const MINOR = { first: 14, compression: 15, relkind: 16 };
const CUSTOM_FORMAT = 1;
const SECTIONS = ["none", "pre-data", "data", "post-data"] as const;

/**
 * Reads the table of contents of pg_dump's custom format. The list that pg_restore prints has only a
 * space between a name and an owner, so it does not say whose an entry is.
 *
 * @param kinds which kinds of entries are returned. Default: all of them
 */
export function readToc(file: string, kinds?: ReadonlySet<string>): Entry[] {
  const reader = new Reader(file);
  try {
    return entriesOf(reader, file, kinds);
  } finally {
    reader.close();
  }
}

/** What an archive says of itself, before its table of contents. */
export interface ArchiveHeader {
  database: string;
  /** Of the server and of pg_dump, such as "17.6". */
  server: string;
  tool: string;
  /** By the clock and in the zone of the machine that dumped, read as UTC. */
  takenAt: Date;
}

/** Reads the header of an archive in pg_dump's custom format. */
export function readHeader(file: string): ArchiveHeader {
  const reader = new Reader(file);
  try {
    return headerOf(reader, file);
  } finally {
    reader.close();
  }
}

function headerOf(
  reader: Reader,
  file: string,
): ArchiveHeader & { minor: number; offsetSize: number } {
  const unknown = () => new Failure(`${file} is not an archive of pg_dump that can be restored.`);
  if (reader.take(5).toString("latin1") !== "PGDMP") throw unknown();
  const [major, minor] = [reader.byte(), reader.byte()];
  reader.byte();
  reader.intSize = reader.byte();
  const offsetSize = reader.byte();
  const format = reader.byte();
  if (major !== 1 || minor < MINOR.first || format !== CUSTOM_FORMAT) throw unknown();
  if (minor >= MINOR.compression) reader.byte();
  else reader.int();
  const [second, minute, hour, day, month, year] = Array.from({ length: 7 }, () => reader.int());
  const [database, server, tool] = Array.from({ length: 3 }, () => reader.bytes().toString());
  const takenAt = new Date(
    Date.UTC((year ?? 0) + 1900, month ?? 0, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0),
  );
  const version = (text = "") => text.split(" ")[0] ?? "";
  return {
    ...{ database: database ?? "", server: version(server), tool: version(tool), takenAt },
    ...{ minor, offsetSize },
  };
}

function entriesOf(reader: Reader, file: string, kinds?: ReadonlySet<string>): Entry[] {
  const { minor, offsetSize } = headerOf(reader, file);
  const entries: Entry[] = [];
  let decoder: Decoder = new TextDecoder();
  const text = () => decoder.decode(reader.bytes());
  for (let left = reader.int(); left > 0; left--) {
    const id = reader.int();
    reader.int();
    reader.skip();
    reader.skip();
    const name = text();
    const kind = reader.text() ?? "";
    const section = SECTIONS[reader.int() - 1] ?? "none";
    // It is the first entry, and says how the texts after it are encoded.
    if (kind !== "ENCODING" && kinds && !kinds.has(kind)) {
      reader.skipRest(minor >= MINOR.relkind, offsetSize);
      continue;
    }
    const definition = text();
    reader.skip();
    const copy = text();
    const [schema, tablespace, accessMethod] = [text(), text(), text()];
    if (minor >= MINOR.relkind) reader.int();
    const owner = text();
    reader.skip();
    const needs: number[] = [];
    for (let need = reader.text(); need !== undefined; need = reader.text()) {
      needs.push(Number(need));
    }
    reader.take(1 + offsetSize);
    if (kind === "ENCODING") decoder = decoderOf(definition);
    const entry = {
      ...{ id, kind, section, schema, name, owner, tablespace, accessMethod },
      ...{ definition, copy, needs },
    };
    if (!kinds || kinds.has(kind)) entries.push(entry);
  }
  return entries;
}

type Decoder = InstanceType<typeof TextDecoder>;

/** The names of PostgreSQL's encodings that the web names otherwise. From LATIN5 on, numbers differ. */
const LABELS: [RegExp, string][] = [
  [/^UTF8$|^SQL_ASCII$/, "utf-8"],
  [/^LATIN5$/, "iso-8859-9"],
  [/^LATIN6$/, "iso-8859-10"],
  [/^LATIN7$/, "iso-8859-13"],
  [/^LATIN8$/, "iso-8859-14"],
  [/^LATIN9$/, "iso-8859-15"],
  [/^WIN866$/, "ibm866"],
  [/^EUC_CN$/, "gb2312"],
  [/^UHC$/, "windows-949"],
  [/^LATIN(\d)$/, "iso-8859-$1"],
  [/^ISO_8859_(\d)$/, "iso-8859-$1"],
  [/^WIN(\d+)$/, "windows-$1"],
  [/^KOI8(R|U)$/, "koi8-$1"],
];

/** An encoding that Node does not know: only names in ASCII are read right then. */
function decoderOf(definition: string): Decoder {
  const encoding = /'(\w+)'/.exec(definition)?.[1] ?? "UTF8";
  const [from, to] = LABELS.find(([pattern]) => pattern.test(encoding)) ?? [/_/g, "-"];
  try {
    return new TextDecoder(encoding.replace(from, to).toLowerCase());
  } catch {
    return new TextDecoder();
  }
}

const CHUNK = 1 << 20;

/** Reads a file from its beginning, as pg_dump writes numbers and texts. A large archive has millions of them. */
class Reader {
  intSize = 4;
  private readonly file: number;
  private held: Buffer = Buffer.alloc(0);
  private at = 0;

  constructor(private readonly path: string) {
    this.file = openSync(path, "r");
  }

  take(size: number): Buffer {
    this.need(size);
    return this.held.subarray(this.at, (this.at += size));
  }

  byte(): number {
    this.need(1);
    return this.held[this.at++] ?? 0;
  }

  /** A sign, and the number with its lowest byte first. */
  int(): number {
    const size = this.intSize;
    this.need(1 + size);
    const negative = this.held[this.at] !== 0;
    const number = this.held.readUIntLE(this.at + 1, Math.min(size, 6));
    this.at += 1 + size;
    return negative ? -number : number;
  }

  /** A text's bytes. Nothing for no text. */
  bytes(): Buffer {
    const length = this.int();
    return length > 0 ? this.take(length) : Buffer.alloc(0);
  }

  /** Passes over a text. */
  skip(): void {
    const length = this.int();
    if (length <= 0) return;
    this.need(length);
    this.at += length;
  }

  /** Passes over what an entry has after its section. */
  skipRest(relkind: boolean, offsetSize: number): void {
    // Definition, the statement that drops it, COPY, schema, tablespace and access method.
    for (let text = 0; text < 6; text++) this.skip();
    if (relkind) this.int();
    // The owner, and a text that is no longer used.
    this.skip();
    this.skip();
    while (this.text() !== undefined);
    this.take(1 + offsetSize);
  }

  /** Reads on until so many bytes are held. */
  private need(size: number): void {
    while (this.held.length - this.at < size) {
      const rest = this.held.subarray(this.at);
      const chunk = Buffer.allocUnsafe(rest.length + Math.max(CHUNK, size - rest.length));
      rest.copy(chunk);
      const read = readSync(this.file, chunk, { offset: rest.length });
      if (read === 0) throw new Failure(`${this.path} ends within its table of contents.`);
      this.held = chunk.subarray(0, rest.length + read);
      this.at = 0;
    }
  }

  /** A text in ASCII, or undefined for no text. */
  text(): string | undefined {
    const length = this.int();
    return length < 0 ? undefined : this.take(length).toString("latin1");
  }

  close(): void {
    closeSync(this.file);
  }
}
