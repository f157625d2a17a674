import { type JobRecord, type Trigger, triggers } from "../../../contract/jobRecord";
import type { Context, Say, Work } from "../kit/context";
import { Failure, sentenceOf } from "../kit/failure";
import { outcomeOf } from "../kit/outcome";
import { writeRecord } from "../kit/records";
import type { RunArgs } from "./run";

/** The runs that dump, one at a time. */
export class DumpQueue {
  private running: Promise<unknown> | undefined;

  /**
   * @param work one run, in a process of its own
   * @param ended gets the record of each run
   */
  constructor(
    private readonly context: Context,
    private readonly work: Work,
    private readonly ended: (record: JobRecord) => void,
  ) {}

  /** Whether a run is under way. */
  get isBusy(): boolean {
    return this.running !== undefined;
  }

  /** Resolves when no run is under way. */
  async whenIdle(): Promise<void> {
    while (this.running) await this.running;
  }

  /**
   * Dumps every database, or those of `databases`. While another run is under way this one is
   * skipped; with `wait` it comes after the other. It fails when a database fails. The other
   * databases are dumped all the same.
   */
  async run(args: Record<string, unknown>, say: Say, signal: AbortSignal): Promise<JobRecord> {
    const wanted = readArgs(args);
    while (this.running) {
      if (args["wait"] !== true) return this.skip(wanted.trigger);
      say("waiting for the run under way");
      await this.running;
    }
    const run = this.recorded(wanted, say, signal);
    const mine = run.catch(() => undefined);
    this.running = mine;
    try {
      const record = await run;
      if (record.result === "failed") throw new Failure(record.detail);
      return record;
    } finally {
      if (this.running === mine) this.running = undefined;
    }
  }

  /** The run's record. When its process died before it wrote one, this writes that it died. */
  private async recorded(wanted: RunArgs, say: Say, signal: AbortSignal): Promise<JobRecord> {
    const { context } = this;
    const startedAt = new Date().toISOString();
    const outcome = await outcomeOf(
      context,
      "dump",
      () => this.work({ ...wanted }, context, say, signal),
      (error) => recordOf(wanted.trigger, "failed", sentenceOf(error), startedAt),
    );
    const record = "result" in outcome ? (outcome.result as JobRecord) : outcome.record;
    this.ended(record);
    return record;
  }

  private async skip(trigger: Trigger): Promise<JobRecord> {
    const detail = "Another dump is under way.";
    const record = recordOf(trigger, "skipped", detail, new Date().toISOString());
    await writeRecord(this.context, record);
    this.context.log(`dump (${trigger}) skipped: ${detail}`);
    return record;
  }
}

function recordOf(
  trigger: Trigger,
  result: JobRecord["result"],
  detail: string,
  startedAt: string,
): JobRecord {
  return { job: "dump", trigger, startedAt, endedAt: new Date().toISOString(), result, detail };
}

function readArgs(args: Record<string, unknown>): RunArgs {
  const trigger = triggers.find((known) => known === (args["trigger"] ?? "operator"));
  if (!trigger) throw new Failure(`A dump's trigger is one of ${triggers.join(", ")}.`);
  const given = args["databases"] ?? args["database"];
  const names = given === undefined ? undefined : [given].flat();
  if (names && (names.length === 0 || !names.every((name) => typeof name === "string"))) {
    throw new Failure("The databases to dump must be given by their names.");
  }
  return {
    trigger,
    ...(names ? { databases: names } : {}),
    acceptSmaller: args["acceptSmaller"] === true,
  };
}
