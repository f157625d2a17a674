import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Context } from "../../kit/context";
import { Failure } from "../../kit/failure";
import { type CommandOptions, failureOf, pgBackRest } from "../command";
import { nextSegment, positionOf } from "../segments";
import { standInData } from "./controlFile";
import type { WalPlace } from "./facts";
import { segmentAt, segmentName } from "./lsn";
import { type Group, parseRecords, type WalRecord } from "./waldump";

/** Reads archived WAL. Tests have one without an archive. */
export interface WalReader {
  /** The records of a group in a segment, in their order. */
  read(segment: string, group: Group): Promise<WalRecord[]>;
  /** The first record of a segment that begins at an LSN or after it. */
  firstAt(segment: string, lsn: string): Promise<WalRecord | undefined>;
  /** The first of these places at which there really is such a record, and the last one. */
  firstReal<Place extends WalPlace>(places: readonly Place[]): Promise<Place | undefined>;
  lastReal<Place extends WalPlace>(places: readonly Place[]): Promise<Place | undefined>;
}

/** `archive-get` of a segment that is in no repository. */
const notThere = 1;

/** Segments that stay on the disk, of 16 MB each: searches go on beside the one that they read last. */
const kept = 4;

/** What was read of so many segments stays in memory. */
const remembered = 8;

/** Reads the WAL of one repository, in a folder of its own that `close` removes. */
export class ArchiveReader implements WalReader {
  private readonly dumps = new Map<string, Promise<WalRecord[]>>();
  private readonly fetched: string[] = [];

  private constructor(
    private readonly context: Context,
    private readonly repository: number,
    private readonly has: ReadonlySet<string>,
    private readonly options: CommandOptions,
    private readonly folder: string,
    private readonly data: string | undefined,
  ) {}

  /** @param has the segments that the repository lists */
  static async open(
    context: Context,
    repository: number,
    has: ReadonlySet<string>,
    options: CommandOptions = {},
  ): Promise<ArchiveReader> {
    const data = await standInData(context, repository);
    const folder = await mkdtemp(join(tmpdir(), "laterbase-wal-"));
    return new ArchiveReader(context, repository, has, options, folder, data);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    if (this.data !== undefined) await rm(this.data, { recursive: true, force: true });
  }

  /** A search may come by the same segment again. */
  read(segment: string, group: Group): Promise<WalRecord[]> {
    const key = `${segment} ${group}`;
    const known = this.dumps.get(key);
    if (known) return known;
    const { number } = positionOf(segment);
    const dump = this.dump(segment, [`--rmgr=${group}`]).then((records) =>
      // The next segment is read for a record that ends there.
      records.filter(({ lsn }) => segmentAt(lsn) === number),
    );
    this.dumps.set(key, dump);
    const [oldest = key] = this.dumps.keys();
    if (this.dumps.size > remembered) this.dumps.delete(oldest);
    return dump;
  }

  async firstAt(segment: string, lsn: string): Promise<WalRecord | undefined> {
    const [first] = await this.dump(segment, [`--start=${lsn}`, "--limit=1"]);
    return first;
  }

  async firstReal<Place extends WalPlace>(places: readonly Place[]): Promise<Place | undefined> {
    for (const place of places) if (await this.isReal(place)) return place;
    return undefined;
  }

  async lastReal<Place extends WalPlace>(places: readonly Place[]): Promise<Place | undefined> {
    return this.firstReal(places.toReversed());
  }

  /** Text in a record, such as the name of a prepared transaction, may look like a record behind it. */
  private async isReal({ lsn, timeline, description }: WalPlace): Promise<boolean> {
    const first = await this.firstAt(segmentName(timeline, segmentAt(lsn)), lsn);
    return first?.lsn === lsn && first.description === description;
  }

  /**
   * What pg_waldump prints of a segment, and of the next one where there is one: a record may end there. It ends with 1
   * where the WAL does, so its exit code says nothing.
   */
  private async dump(segment: string, words: readonly string[]): Promise<WalRecord[]> {
    const { signal } = this.options;
    const next = nextSegment(segment);
    await this.fetch(segment);
    if (this.has.has(next)) await this.fetch(next);
    const program = `/usr/lib/postgresql/${this.context.config.major}/bin/pg_waldump`;
    const ends = this.has.has(next) ? [segment, next] : [segment];
    const ran = await execa(program, [...words, `--path=${this.folder}`, ...ends], {
      ...{ reject: false, stdin: "ignore" as const, maxBuffer: 512 << 20 },
      env: { LC_ALL: "C.UTF-8", TZ: "UTC" },
      ...(signal ? { signal } : {}),
    });
    signal?.throwIfAborted();
    if (typeof ran.exitCode !== "number") throw new Failure(`${program} cannot be run.`);
    return parseRecords(ran.stdout);
  }

  private async fetch(segment: string): Promise<void> {
    if ((await readdir(this.folder)).includes(segment)) return;
    const own = this.data === undefined ? [] : [`--pg1-path=${this.data}`];
    const words = ["archive-get", "--no-archive-async", `--repo=${this.repository}`, ...own];
    const ran = await pgBackRest(
      this.context,
      [...words, segment, join(this.folder, segment)],
      this.options,
    );
    if (ran.code === notThere)
      throw new Failure(`The WAL segment ${segment} has just expired: try again.`);
    if (ran.code !== 0) throw failureOf(ran);
    this.fetched.push(segment);
    const old = this.fetched.length > kept ? this.fetched.shift() : undefined;
    if (old !== undefined) await rm(join(this.folder, old), { force: true });
  }
}
