import { createHash, randomBytes } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { stringify } from "yaml";
import { ok, type Ran, run } from "../process";
import { removeLabelled } from "../stack";
import { answered } from "./terminal";

const project = resolve(__dirname, "../../..");
/** Where programs of the person's own machine are. What runs in images keeps every byte, so that none is built anew. */
const programs = [
  "scripts/npm",
  "scripts/setup",
  "scripts/cli",
  "scripts/wrapper",
  "scripts/primary",
];

/**
 * A clone of this checkout with a HOME of its own. The stack dev has another name there, so that it runs beside a dev
 * of this machine, and the stack file that a test gives it.
 */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "laterbase-docs-"));
  readonly path = join(this.folder, "laterbase");
  private readonly home = join(this.folder, "home");

  /** @param stack the name that dev has there */
  constructor(readonly stack: string) {}

  async make(config: Record<string, unknown>): Promise<void> {
    mkdirSync(this.home);
    await this.clone();
    for (const file of programs.flatMap((folder) => filesIn(join(this.path, folder)))) {
      const text = readFileSync(file, "utf8");
      writeFileSync(file, extname(file) === ".sh" ? this.inShell(text) : this.inProgram(text));
    }
    await this.givePackages();
    this.write(this.stack, config);
  }

  /** Writes the stack file of a stack. */
  write(name: string, config: Record<string, unknown>): void {
    const keys = Object.entries(config).map(([key, value]) => [`laterbase:${key}`, value]);
    const file = join(this.path, `Pulumi.${name}.yaml`);
    writeFileSync(file, stringify({ config: Object.fromEntries(keys) }));
  }

  /** Runs a script of Bash as a person would who has just come into the folder. */
  async bash(script: string, answers?: readonly string[]): Promise<Ran> {
    const file = join(this.folder, `${randomBytes(4).toString("hex")}.sh`);
    writeFileSync(file, `set -euo pipefail\n${script}\n`);
    const options = { cwd: this.path, env: this.env, seconds: 900 };
    if (answers) return answered(`bash ${file}`, answers, options);
    return run("bash", [file], options);
  }

  /** Takes everything down that a document brought up: stacks of these names. */
  async remove(stacks: readonly string[] = [this.stack]): Promise<void> {
    for (const stack of stacks) {
      await this.bash(`npm run destroy -- --data --yes --primary-gone --stack ${stack}`);
    }
    await this.discard(stacks);
  }

  /** The same by Docker alone, in a few seconds. Its state goes with it. */
  async discard(stacks: readonly string[] = [this.stack]): Promise<void> {
    for (const stack of stacks) await removeLabelled(stack);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Tools of this run's set-up are shared; a person's stacks and logins are not. */
  private get env(): Record<string, string | undefined> {
    return {
      HOME: this.home,
      XDG_DATA_HOME: undefined,
      XDG_CACHE_HOME:
        process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "/root", ".cache"),
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CREDENTIALS_PATH: undefined,
      PULUMI_CONFIG_PASSPHRASE: undefined,
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
      PULUMI_STACK: undefined,
      // Without npm's own lines, as `npm run --silent`.
      npm_config_loglevel: "silent",
      npm_config_update_notifier: "false",
      // Pulumi asks nothing at a terminal that is dumb, and others it first asks for their colours.
      TERM: "screen",
    };
  }

  /** Files that are not committed yet come along. The clone follows a branch of a copy, so that it can be pulled. */
  private async clone(): Promise<void> {
    const origin = join(this.folder, "origin.git");
    mkdirSync(join(this.folder, "state"));
    await ok("git", ["clone", "--quiet", "--bare", project, origin]);
    await ok("git", ["-C", origin, "branch", "--force", "docs", "HEAD"]);
    await ok("git", ["clone", "--quiet", "--branch", "docs", origin, this.path]);
    const listed = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    const files = (await ok("git", listed, { cwd: project })).split("\0").filter(Boolean);
    for (const file of files) {
      if (!statSync(join(project, file), { throwIfNoEntry: false })) continue;
      // Times too: set-up compares those of package-lock.json and node_modules.
      cpSync(join(project, file), join(this.path, file), { preserveTimestamps: true });
    }
  }

  /**
   * Its own names for the same files: set-up removes a folder of packages that it takes for another version's, and it
   * must not be that of this checkout.
   */
  private async givePackages(): Promise<void> {
    const folders = [join(project, "node_modules"), join(this.path, "node_modules")];
    if ((await run("cp", ["-al", ...folders])).code !== 0) await ok("cp", ["-a", ...folders]);
    const stamp = join(folders[1]!, ".laterbase-lock");
    rmSync(stamp, { force: true });
    const lock = readFileSync(join(this.path, "package-lock.json"));
    writeFileSync(stamp, `${createHash("sha256").update(lock).digest("hex")}  -\n`);
  }

  private inShell(text: string): string {
    return text
      .replaceAll(/(?<![\w/.]|(?<!:)-)dev(?![\w/.-])/g, this.stack)
      .replaceAll(/(?<=Pulumi\.|laterbase\/)dev(?=[./"])/g, this.stack);
  }

  private inProgram(text: string): string {
    return text
      .replaceAll('"dev"', `"${this.stack}"`)
      .replaceAll("Pulumi.dev.", `Pulumi.${this.stack}.`);
  }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && [".sh", ".ts", ".mjs"].includes(extname(entry.name)))
    .map(({ parentPath, name }) => join(parentPath, name));
