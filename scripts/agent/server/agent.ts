import { commandNamed } from "../commands";
import type { AgentState } from "../commands/command";
import { backupRecords } from "../../../contract/backupRecord";
import { triggerOf } from "../../../contract/jobRecord";
import { backupTypes } from "../../../contract/pgBackRest";
import { DumpQueue } from "../dump/queue";
import type { Context, Say, Work } from "../kit/context";
import { sentenceOf } from "../kit/failure";
import { outcomeOf } from "../kit/outcome";
import { BackupAttempts } from "../pgBackRest/attempts";
import type { JobArgs } from "../pgBackRest/job";
import { BackupQueue } from "../pgBackRest/queue";
import { afterDrill } from "./afterDrill";
import { LastAttempts } from "./lastAttempts";
import { Running } from "./running";
import { runInWorker } from "./worker";

/** The agent's own process: it runs commands and knows what it has run. */
export class Agent implements AgentState {
  readonly lastAttempts = new LastAttempts();
  readonly dumps: DumpQueue;
  readonly backupAttempts: BackupAttempts;
  readonly backups: BackupQueue;
  /** Called when a job of the backups has ended. Default: nothing. */
  backupEnded: () => void = () => undefined;
  readonly running = () => this.work.list();
  private readonly work = new Running();
  private uploads: Promise<unknown> = Promise.resolve();
  private readonly begun = new Map<string, number>();

  constructor(
    readonly context: Context,
    private readonly inWorker: typeof runInWorker = runInWorker,
  ) {
    this.dumps = new DumpQueue(
      context,
      (...call) => this.inWorker("dump", ...call),
      (record) => this.lastAttempts.note(record),
    );
    const { repositories = [] } = context.config.backups ?? {};
    this.backupAttempts = new BackupAttempts(repositories.map(({ number }) => number));
    this.backups = new BackupQueue(
      context,
      (...call) => this.backup(...call),
      (record) => {
        this.backupAttempts.note(record);
        this.backupEnded();
      },
    );
  }

  /** Runs a command, in this process or in one of its own. */
  run(
    name: string,
    args: Record<string, unknown>,
    say: Say,
    signal: AbortSignal,
  ): Promise<unknown> {
    this.begun.set(name, Date.now());
    const { inServer } = commandNamed(name) ?? {};
    const done = inServer
      ? inServer(this, args, say, signal)
      : this.inWorker(name, args, this.context, say, signal);
    return this.work.during(name, args, done);
  }

  /** One upload, after those that wait already: by the record of another one, one that died would look written. */
  upload(args: Record<string, unknown>, say: Say, signal: AbortSignal): Promise<unknown> {
    const isBusy = this.running().some(({ name }) => name === "upload");
    if (isBusy) say("waiting for the upload under way");
    const run = this.uploads.then(() => {
      signal.throwIfAborted();
      return this.oneUpload(args, say, signal);
    });
    this.uploads = run.catch(() => undefined);
    return run;
  }

  /** When its process died before it wrote a record, this writes that it died. */
  private async oneUpload(
    args: Record<string, unknown>,
    ...rest: [say: Say, signal: AbortSignal]
  ): Promise<unknown> {
    const { context } = this;
    const startedAt = new Date().toISOString();
    const outcome = await outcomeOf(
      context,
      "upload",
      () => this.inWorker("upload", args, context, ...rest),
      (error) => ({
        ...{ job: "upload", trigger: triggerOf(args), startedAt },
        ...{ endedAt: new Date().toISOString(), result: "failed", detail: sentenceOf(error) },
      }),
    );
    if ("result" in outcome) return outcome.result;
    throw outcome.error;
  }

  /** One run of a job of backups. What the agent begins by itself is work, too, and no command has noted it. */
  private backup(...call: Parameters<Work>): Promise<unknown> {
    const { job, trigger } = call[0] as unknown as JobArgs;
    const work = this.oneBackup(...call);
    if (trigger === "schedule" || trigger === "operator") return work;
    return backupTypes.some((type) => type === job)
      ? this.work.during("backup", { type: job }, work)
      : this.work.during(backupRecords[job], {}, work);
  }

  /** What a drill whose process died has left is removed at once. */
  private async oneBackup(...[args, ...rest]: Parameters<Work>): Promise<unknown> {
    if (args["job"] !== "drill") return this.inWorker("backup", args, ...rest);
    // A clean-up that is under way would end this drill's processes.
    await afterDrill(this.context);
    try {
      return await this.inWorker("drill", args, ...rest);
    } finally {
      await afterDrill(this.context);
    }
  }

  /**
   * When a command was last begun in the life of this process, in milliseconds. 0: never. A long
   * job writes its record at its end only.
   */
  lastBegun(name: string): number {
    return this.begun.get(name) ?? 0;
  }
}
