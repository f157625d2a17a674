import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ok, run } from "./process";

const project = resolve(__dirname, "../..");

/** The last commit before the folders were ordered anew: stacks that it made are still in use. */
export const oldCommit = "2c41f5a";

/**
 * The program as a former commit had it, in a folder of its own, with the packages of this checkout.
 * Fails where git does not have the commit, as in a shallow clone.
 */
export class OldProgram {
  readonly folder = mkdtempSync(join(tmpdir(), "laterbase-old-"));

  async checkOut(commit = oldCommit): Promise<this> {
    const known = await run("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: project });
    if (known.code !== 0)
      throw new Error(
        `The commit ${commit} is not in this clone, so no stack of that time can be made: run "git fetch --unshallow".`,
      );
    const files = 'git archive "$1" | tar -x -C "$2"';
    await ok("bash", ["-o", "pipefail", "-c", files, "-", commit, this.folder], { cwd: project });
    symlinkSync(join(project, "node_modules"), join(this.folder, "node_modules"));
    return this;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
