import { constants, renameSync, writeFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { visibleJson } from "../../../contract/visible";
import type { Context } from "../kit/context";
import { sentenceOf, withStop } from "../kit/failure";
import { statusFiles } from "../kit/statusFiles";

const intervalMs = 15_000;

/**
 * The agent's health in two files: `status`, one line of JSON, and `alive`, which is touched while
 * the agent runs and can write its folders. The image's health check reads them without starting
 * a Node. The age of dumps does not count: the container is healthy without any.
 */
export class Status {
  private state = "starting";
  private detail = "";
  private since = "";
  private timer: NodeJS.Timeout | undefined;
  private more: () => object = () => ({});

  constructor(private readonly context: Context) {
    this.set("starting");
  }

  /** Changes the state. */
  set(state: string, detail = ""): void {
    if (state !== this.state || this.since === "") {
      this.since = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    }
    this.state = state;
    this.detail = detail;
    this.write();
    this.touch();
  }

  /** Adds fields to the status, as they are when it is written. */
  add(more: () => object): void {
    this.more = more;
  }

  /** Writes the status with the fields that were added. */
  write(): void {
    const { state, detail, since } = this;
    const file = join(this.context.paths.run, statusFiles.status);
    writeFileSync(`${file}.new`, `${visibleJson({ state, detail, since, ...this.more() })}\n`);
    renameSync(`${file}.new`, file);
  }

  /** Says what a running agent does. It does not change the health. */
  explain(detail: string): void {
    if (this.state === "running") this.set("running", detail);
  }

  /** Looks at the folders again and again. */
  watch(): void {
    const look = async () => {
      const { backups, records } = this.context.paths;
      try {
        const folders =
          this.context.config.dumps.databases.length > 0 ? [backups, records] : [records];
        for (const folder of folders) await access(folder, constants.W_OK);
        if (this.state === "failed") this.set("running");
        this.touch();
      } catch (error) {
        if (this.state !== "failed") this.context.log(sentenceOf(error));
        this.set("failed", withStop(`A folder cannot be written: ${sentenceOf(error)}`));
      }
    };
    this.timer = setInterval(() => void look(), intervalMs);
    this.timer.unref();
  }

  /** Ends `watch`. */
  stop(): void {
    clearInterval(this.timer);
  }

  private touch(): void {
    writeFileSync(join(this.context.paths.run, statusFiles.alive), "");
  }
}
