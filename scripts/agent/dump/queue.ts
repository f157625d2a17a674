import { type JobRecord, triggers } from "../../../contract/jobRecord";
import { elapsed } from "../kit/clock";
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
      if (args["wait"] !== true) return this.skip(wanted);
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
    const began = elapsed();
    const outcome = await outcomeOf(
      context,
      "dump",
      () => this.work({ ...wanted }, context, say, signal),
      (error) => {
        const died = recordOf(wanted, "failed", sentenceOf(error), startedAt);
        return { ...died, ...resultsOf(wanted, died.detail, elapsed() - began) };
      },
    );
    const record = "result" in outcome ? (outcome.result as JobRecord) : outcome.record;
    this.ended(record);
    return record;
  }

  private async skip(wanted: RunArgs): Promise<JobRecord> {
    const detail = "Another dump is under way.";
    const record = recordOf(wanted, "skipped", detail, new Date().toISOString());
    await writeRecord(this.context, record);
    this.context.log(`dump (${wanted.trigger}) skipped: ${detail}`);
    return record;
  }
}

function recordOf(
  { trigger, databases }: RunArgs,
  result: JobRecord["result"],
  detail: string,
  startedAt: string,
): JobRecord {
  const endedAt = new Date().toISOString();
  const partial = databases ? { partial: true as const } : {};
  return { job: "dump", trigger, startedAt, endedAt, result, detail, ...partial };
}

/** That a run of some databases died says nothing of the others. */
function resultsOf(
  { databases }: RunArgs,
  detail: string,
  ms: number,
): Pick<JobRecord, "databases"> {
  const seconds = Math.round(ms / 100) / 10;
  const one = (database: string) => ({ database, result: "failed" as const, detail, seconds });
  return databases ? { databases: databases.map(one) } : {};
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
