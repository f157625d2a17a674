import { z } from "zod";
import { dataFolder } from "../../../../contract/names";
import { type InPlaceJournal, readJournal } from "../../../../contract/restoreInPlace";
import { CliError } from "../../terminal/cliError";
import type { RestoreContainer } from "../restoreContainer";
import type { Seen } from "./situation";
import { volumeScript } from "./volumeScript";

const directory = z.enum(["whole", "half", "none"]);
const timeline = z
  .string()
  .regex(/^([0-9A-F]{8})?$/)
  .transform((hex) => (hex === "" ? undefined : Number.parseInt(hex, 16)));

const lookSchema = z.object({
  live: directory,
  restoring: directory,
  before: z.boolean(),
  leaving: z.boolean(),
  /** pgBackRest can go on with the files that are there. */
  resumable: z.boolean(),
  /** The primary has tablespaces of its own. */
  tablespaces: z.boolean(),
  /** The timeline of the primary's data, and of the data from before. */
  timeline,
  timelineBefore: timeline,
  /** Where the last checkpoint of the primary's data is. */
  checkpoint: z.string(),
  /** Whether its server ended in order. */
  clean: z.boolean(),
  freeKb: z.number(),
  liveKb: z.number().exactOptional(),
  restoringKb: z.number().exactOptional(),
});

type Look = z.output<typeof lookSchema>;

/** What is on the volume of the primary's data. */
export interface VolumeState extends Seen, Omit<Look, "live" | "restoring" | "before" | "leaving"> {
  journal: InPlaceJournal | "unreadable" | undefined;
}

/** Where the files of the asynchronous archive are in the restore's container, of the stack's stanza. */
type Spool = string | undefined;

/** The volume of the primary's data, from the restore's container. */
export class DataVolume {
  constructor(
    private readonly container: RestoreContainer,
    private readonly spool: Spool,
  ) {}

  async look({ sizes = false } = {}): Promise<VolumeState> {
    const said = await this.run("look", ...(sizes ? ["sizes"] : []));
    const [first = "", ...rest] = said.split("\n");
    const { live, restoring, before, leaving, ...facts } = lookSchema.parse(JSON.parse(first));
    const text = rest.join("\n").trim();
    const journal = text === "" ? undefined : (readJournal(text) ?? "unreadable");
    return { folders: { live, restoring, before, leaving }, journal, ...facts };
  }

  note = (journal: InPlaceJournal) => this.run("note", JSON.stringify(journal));

  /** The restored data take the primary's place. @param rescued the timeline whose WAL comes along */
  swap = (journal: InPlaceJournal, rescued?: number) =>
    this.run(
      "swap",
      ...[at(journal, "swapping"), at(journal, "replaying"), this.spool ?? "", hex(rescued)],
    );

  /** The data from before take the primary's place. */
  putBack = (journal: InPlaceJournal) =>
    this.run("put_back", at(journal, "undoing"), at(journal, "tidying"), this.spool ?? "");

  beginOverwrite = (journal: InPlaceJournal, rescued?: number) =>
    this.run("overwrite", at(journal, "overwriting"), this.spool ?? "", hex(rescued));

  endOverwrite = (journal: InPlaceJournal) => this.run("overwritten", at(journal, "replaying"));

  /** The data from before are never used again. `clear` then deletes them. */
  accept = (journal: InPlaceJournal) => this.run("accept", at(journal, "accepting"));

  /** Deletes everything that a restore left, except the primary's data and those from before it. */
  clear = () => this.run("clear");

  /** Deletes what was begun beside the primary's data. */
  empty = () => this.run("empty");

  private async run(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.container.run([
      ...["bash", "-c", volumeScript, "laterbase", dataFolder("primary")],
      ...words,
    ]);
    if (code === 0) return stdout;
    const why = stderr.trim().split("\n").at(-1) || `exit ${code}`;
    throw new CliError(`The volume of the primary's data cannot be changed: ${why}.`);
  }
}

const at = (journal: InPlaceJournal, phase: InPlaceJournal["phase"]) =>
  JSON.stringify({ ...journal, phase });

const hex = (timeline: number | undefined) =>
  timeline === undefined ? "" : timeline.toString(16).toUpperCase().padStart(8, "0");
