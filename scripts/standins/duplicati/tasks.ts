import { backup, emptyResult, type Progress } from "./run";
import { HttpError, type Job, type RunResult } from "./shapes";
import { stamp } from "./spans";
import type { Store } from "./store";

interface Task {
  id: number;
  job: Job;
  started?: Date;
  finished?: Date;
  error?: Error;
  stopped: boolean;
}

const keptTasks = 100;

/** Runs one backup at a time, as Duplicati's queue does. */
export class Tasks {
  private lastId = 0;
  private lastEvent = 1;
  private readonly tasks: Task[] = [];
  private current: Task | undefined;
  private progress: Progress | undefined;
  paused = false;

  constructor(
    private readonly store: Store,
    private readonly log: (line: string) => void,
  ) {}

  /** The job's running or waiting task, or a new one. */
  run(job: Job): number {
    const going = this.open().find((task) => task.job.ID === job.ID);
    if (going) return going.id;
    const task: Task = { id: ++this.lastId, job, stopped: false };
    this.tasks.push(task);
    this.tasks.splice(0, this.tasks.length - keptTasks);
    this.next();
    return task.id;
  }

  stop(id: number): void {
    const task = this.find(id);
    task.stopped = true;
    if (task.started === undefined) this.end(task, new Error("The operation was stopped"));
  }

  pause(paused: boolean): void {
    this.paused = paused;
    this.next();
  }

  isActive = (job: Job): boolean => this.open().some((task) => task.job.ID === job.ID);

  /** `GET /tasks`: the tasks that have not ended. */
  queue = (): object[] => this.open().map((task) => this.describe(task));

  /** `GET /task/{id}` */
  state = (id: number): object => this.describe(this.find(id));

  /** `GET /serverstate` */
  serverState(): object {
    const { current } = this;
    return {
      ActiveTask: current ? { Item1: current.id, Item2: current.job.ID } : null,
      ProgramState: this.paused ? "Paused" : "Running",
      SchedulerQueueIds: this.open()
        .filter((task) => task !== current)
        .map((task) => ({ Item1: task.id, Item2: task.job.ID })),
      ProposedSchedule: [],
      HasWarning: false,
      HasError: false,
      SuggestedStatusIcon: current ? "Active" : this.paused ? "Paused" : "Ready",
      EstimatedPauseEnd: "0001-01-01T00:00:00",
      LastEventID: this.lastEvent,
      LastDataUpdateID: this.lastEvent,
      LastNotificationUpdateID: 0,
      UpdatedVersion: null,
      UpdaterState: "Waiting",
      UpdateDownloadLink: null,
      UpdateDownloadProgress: 0,
      Type: "legacystatus",
    };
  }

  /** `GET /progressstate`: of the running backup, or else the last one. */
  progressState(): object {
    if (!this.progress) throw new HttpError(404, "No active backup");
    const task = this.current ?? this.tasks.findLast(({ started }) => started);
    const { TotalFileCount, ProcessedFileCount } = this.progress;
    return {
      BackupID: task?.job.ID ?? null,
      TaskID: task?.id ?? 0,
      ...this.progress,
      OverallProgress: TotalFileCount === 0 ? 0 : ProcessedFileCount / TotalFileCount,
      ProcessedFileSize: 0,
      StillCounting: false,
    };
  }

  private next(): void {
    const [task] = this.open();
    if (this.current || this.paused || !task) return;
    this.current = task;
    task.started = new Date();
    this.progress = {
      Phase: "Backup_Begin",
      ProcessedFileCount: 0,
      TotalFileCount: 0,
      TotalFileSize: 0,
    };
    void this.work(task).then((error) => this.end(task, error));
  }

  private async work(task: Task): Promise<Error | undefined> {
    const { job, started = new Date() } = task;
    const progress = this.watched(task);
    this.log(`backup "${job.Name}" starts`);
    try {
      const result = await backup(this.store, job, progress);
      this.record(job, result);
      const { AddedFiles, ExaminedFiles } = result;
      this.log(`backup "${job.Name}" ends: ${AddedFiles} new of ${ExaminedFiles} files`);
      return undefined;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const result = emptyResult(started, new Date());
      this.record(job, { ...result, Errors: [error.message] }, error);
      job.Metadata["LastErrorDate"] = stamp(new Date());
      job.Metadata["LastErrorMessage"] = error.message;
      this.store.save();
      this.log(`backup "${job.Name}" failed: ${error.message}`);
      return error;
    }
  }

  /** A stop takes effect after the present file. */
  private watched(task: Task): Progress {
    return new Proxy(this.progress!, {
      set: (progress, key, value) => {
        if (task.stopped) throw new Error("The operation was stopped");
        return Reflect.set(progress, key, value);
      },
    });
  }

  private record(job: Job, result: RunResult, error?: Error): void {
    this.store.addRow(job, {
      Timestamp: Math.floor(Date.now() / 1000),
      Type: "Result",
      Message: JSON.stringify(result),
      Exception: error ? error.message : null,
    });
    this.store.save();
  }

  private end(task: Task, error: Error | undefined): void {
    task.finished = new Date();
    if (error) task.error = error;
    if (this.current === task) this.current = undefined;
    this.lastEvent++;
    this.next();
  }

  private open = (): Task[] => this.tasks.filter(({ finished }) => !finished);

  private find(id: number): Task {
    const task = this.tasks.find((one) => one.id === id);
    if (!task) throw new HttpError(404, "No such task found");
    return task;
  }

  private describe({ id, started, finished, error }: Task): object {
    const over = error ? "Failed" : "Completed";
    return {
      Status: finished ? over : started ? "Running" : "Waiting",
      ID: id,
      TaskStarted: started?.toISOString() ?? null,
      TaskFinished: finished?.toISOString() ?? null,
      ErrorMessage: error?.message ?? null,
      Exception: error?.message ?? null,
    };
  }
}
