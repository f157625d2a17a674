import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { NotesServer } from "./notesServer";
import { ok, type Ran, run } from "./process";

const project = resolve(__dirname, "../..");
const token = "glpat-of-a-test";
const protectedRef = { CI_COMMIT_REF_PROTECTED: "true" };

/** What a job has from the project's settings. */
export type Variables = Record<string, string>;

/**
 * A project as GitLab has it: a bare repository, a clone of it, a server of notes. gitlab-ci-local runs its jobs in
 * the shell of this machine. Only the name of the stack differs from what users have, because a stack `dev` may run
 * here; so the files of this checkout get another one.
 */
export class PipelineLab {
  readonly folder = mkdtempSync(join(tmpdir(), "lbt-pipeline-"));
  readonly clone = join(this.folder, "clone");
  readonly notes = new NotesServer(token);

  constructor(
    readonly stack: string,
    private readonly variables: Variables,
  ) {}

  async start(): Promise<this> {
    await this.notes.start();
    await ok("git", ["init", "--quiet", "--bare", join(this.folder, "origin.git")]);
    await ok("git", ["clone", "--quiet", join(this.folder, "origin.git"), this.clone]);
    const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const files = execFileSync("git", listed, { cwd: project, encoding: "utf8" }).split("\0");
    for (const file of files.filter((one) => one && existsSync(join(project, one)))) {
      // Only the stack of the test has a file.
      if (/^Pulumi\.\w+\.yaml$/.test(file)) continue;
      mkdirSync(dirname(join(this.clone, file)), { recursive: true });
      copyFileSync(join(project, file), join(this.clone, file));
    }
    symlinkSync(join(project, "node_modules"), join(this.clone, "node_modules"));
    writeFileSync(join(this.clone, ".git/info/exclude"), "node_modules\n");
    this.edit(".gitlab-ci.yml", (text) =>
      text
        .replaceAll("STACK: [dev, prod]", `STACK: [${this.stack}]`)
        .replaceAll(/deploy\.sh (dev|prod)/g, `deploy.sh ${this.stack}`),
    );
    await this.git("checkout", "--quiet", "-b", "main");
    await this.git("config", "user.name", "A Person");
    await this.git("config", "user.email", "person@example.com");
    return this;
  }

  edit(file: string, change: (text: string) => string): void {
    const path = join(this.clone, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  /** Writes the stack file of the clone. */
  configure(text: string): void {
    writeFileSync(join(this.clone, `Pulumi.${this.stack}.yaml`), text);
  }

  git(...words: string[]): Promise<string> {
    return ok("git", words, { cwd: this.clone });
  }

  /** A commit that is pushed. Returns its name. */
  async push(branch = "main"): Promise<string> {
    await this.git("checkout", "--quiet", "-B", branch);
    await this.git("add", "-A");
    await this.git("commit", "--quiet", "--allow-empty", "--message", "A change");
    await this.git("push", "--quiet", "--force", "origin", branch);
    if (branch === "main") await this.git("remote", "set-head", "origin", "main");
    return (await this.git("rev-parse", "HEAD")).trim();
  }

  /** Runs these jobs of a merge request. Without names: all of them. */
  request(jobs: string[], more: Variables = {}): Promise<Ran> {
    const about = {
      ...{ CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_IID: "7" },
      // Of the project itself, and of none of its forks.
      CI_MERGE_REQUEST_PROJECT_ID: "1",
    };
    return this.run(jobs, { ...about, ...more }, ["--unset-variable", "CI_COMMIT_BRANCH"]);
  }

  /** Runs these jobs of the default branch. Without names: all of them. */
  main(jobs: string[], more: Variables = {}): Promise<Ran> {
    return this.run(jobs, { ...protectedRef, ...more });
  }

  /** Runs these jobs of a release tag. Without names: all of them, but none behind a gate. */
  tag(name: string, jobs: string[], more: Variables = {}): Promise<Ran> {
    const away = ["--unset-variable", "CI_COMMIT_BRANCH"];
    return this.run(jobs, { ...protectedRef, CI_COMMIT_TAG: name, ...more }, away);
  }

  private run(jobs: string[], more: Variables, flags: string[] = []): Promise<Ran> {
    const about = { CI_API_V4_URL: this.notes.api, CI_PROJECT_ID: "1", NOTE_TOKEN: token };
    const all = { ...about, ...this.variables, ...more };
    const variables = Object.entries(all).flatMap(([name, value]) => [
      "--variable",
      `${name}=${value}`,
    ]);
    const known = ["--ignore-predefined-vars", Object.keys(all).join(",")];
    const words = ["--force-shell-executor", ...known, ...variables, ...flags, ...jobs];
    return run(join(project, "node_modules/.bin/gitlab-ci-local"), words, {
      cwd: this.clone,
      seconds: 900,
      // The job's variables, and not those of this test.
      env: { PULUMI_BACKEND_URL: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: undefined },
    });
  }

  /** Starts the deploy's script as a runner does, without waiting for its end. */
  startDeploy(more: Variables = {}) {
    const child = spawn(join(this.clone, "scripts/ci/deploy.sh"), [this.stack], {
      cwd: this.clone,
      // A process group of its own, which a runner ends as a whole.
      detached: true,
      env: { ...process.env, ...this.variables, ...more },
    });
    const deploy = {
      said: "",
      ended: new Promise<number | null>((done) => child.on("close", done)),
      kill: () => process.kill(-child.pid!, "SIGKILL"),
    };
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (deploy.said += chunk.toString()));
    return deploy;
  }

  /** The body of the one note, without its mark. */
  get note(): string {
    const [note, ...others] = this.notes.notes;
    if (!note || others.length > 0) throw new Error(`${this.notes.notes.length} notes`);
    return note.body.replace(/^<!--.*-->\n/, "");
  }

  remove(): void {
    this.notes.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
