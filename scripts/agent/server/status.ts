import { constants, renameSync, writeFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";
import { sentenceOf } from "../kit/failure";

const LOOK_MS = 15_000;

/**
 * The agent's health, as two files that the image's health check reads without starting a Node:
 * `status` (one JSON line) and `alive`, touched while the agent lives and can write its folders.
 * The age of dumps is no matter of the container's health.
 */
export class Status {
  private state = "starting";
  private detail = "";
  private since = "";
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly context: Context) {
    this.set("starting");
  }

  set(state: string, detail = ""): void {
    if (state !== this.state || this.since === "") {
      this.since = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    }
    this.state = state;
    this.detail = detail;
    const { run } = this.context.paths;
    const line = JSON.stringify({ state, detail, since: this.since });
    writeFileSync(join(run, "status.new"), `${line}\n`);
    renameSync(join(run, "status.new"), join(run, "status"));
    this.touch();
  }

  /** What a running agent is doing; no matter of health. */
  tell(detail: string): void {
    if (this.state === "running") this.set("running", detail);
  }

  watch(): void {
    const look = async () => {
      const { backups, records } = this.context.paths;
      try {
        for (const folder of [backups, records]) await access(folder, constants.W_OK);
        if (this.state === "failed") this.set("running");
        this.touch();
      } catch (error) {
        if (this.state !== "failed") this.context.log(sentenceOf(error));
        this.set("failed", `A folder cannot be written: ${sentenceOf(error)}.`);
      }
    };
    this.timer = setInterval(() => void look(), LOOK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private touch(): void {
    writeFileSync(join(this.context.paths.run, "alive"), "");
  }
}
