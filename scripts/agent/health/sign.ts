import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { visibleJson } from "../../../contract/visible";
import { statusFiles } from "../kit/statusFiles";

/**
 * The monitor's own health, in the two files that the image's health check reads. It says whether the monitor looks,
 * not how the stack is: a restart of the monitor would not help a dead standby.
 */
export class Sign {
  private state = "";
  private since = "";

  constructor(private readonly run: string) {
    mkdirSync(run, { recursive: true });
  }

  set(state: "starting" | "running" | "failed", detail: string): void {
    if (state !== this.state) this.since = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    this.state = state;
    const file = join(this.run, statusFiles.status);
    writeFileSync(`${file}.new`, `${visibleJson({ state, detail, since: this.since })}\n`);
    renameSync(`${file}.new`, file);
    writeFileSync(join(this.run, statusFiles.alive), "");
  }
}
