import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/** A resource of a trial's program: a class of an SDK, its inputs and options. */
export interface Declared {
  /** For example "docker.Container". */
  type: string;
  /** Strings of the form "${net.name}" are replaced by another resource's output. */
  inputs: Record<string, unknown>;
  options?: Record<string, unknown>;
}

export type Declarations = Record<string, Declared>;

export interface Outcome {
  code: number;
  text: string;
}

/** The program that creates the described resources; the same for every trial. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const sdks = {
  docker: require("@pulumi/docker"),
  command: require("@pulumi/command"),
  random: require("@pulumi/random"),
};
const { resources, secrets } = require("./program.json");
const made = {};
function resolve(value) {
  if (Array.isArray(value)) return value.map(resolve);
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolve(v)]));
  if (typeof value !== "string") return value;
  if (secrets.includes(value)) return pulumi.secret(value);
  const reference = /^\\$\\{(\\w+)\\.(\\w+)\\}$/.exec(value);
  return reference ? made[reference[1]][reference[2]] : value;
}
for (const [name, { type, inputs, options }] of Object.entries(resources)) {
  const Class = type.split(".").reduce((at, key) => at[key], sdks);
  const provider = options && options.provider ? { provider: made[options.provider] } : {};
  made[name] = new Class(name, resolve(inputs), { ...options, ...provider });
}
`;

/** A stack in its own folder, run by the real CLI. */
export class Trial {
  readonly folder = mkdtempSync(join(tmpdir(), "lbt-trial-"));
  /** The secret strings of the program. */
  secrets: string[] = [];
  private readonly env: NodeJS.ProcessEnv;

  constructor(plugins: string, env: NodeJS.ProcessEnv = {}) {
    for (const name of ["state", "home"]) mkdirSync(join(this.folder, name));
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
    this.use(plugins);
    writeFileSync(
      join(this.folder, "Pulumi.yaml"),
      "name: trial\nruntime: {name: nodejs, options: {typescript: false}}\n",
    );
    writeFileSync(join(this.folder, "package.json"), '{"main": "index.js"}');
    writeFileSync(join(this.folder, "index.js"), PROGRAM);
    this.env = {
      ...process.env,
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "trial",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...env,
    };
  }

  /** Uses these plugins from now on. */
  use(plugins: string): void {
    const link = join(this.folder, "home/plugins");
    rmSync(link, { force: true });
    symlinkSync(plugins, link);
  }

  /** Writes the program for the next command. */
  declare(resources: Declarations): void {
    const text = JSON.stringify({ resources, secrets: this.secrets });
    writeFileSync(join(this.folder, "program.json"), text);
  }

  async init(): Promise<void> {
    await this.ok("stack", "init", "trial");
  }

  up(...args: string[]): Promise<Outcome> {
    return this.run("up", "--yes", "--skip-preview", "--non-interactive", ...args);
  }

  /** The operations that a preview plans, by resource name, without unchanged resources. */
  async preview(...args: string[]): Promise<Record<string, string>> {
    const text = await this.ok("preview", "--json", "--non-interactive", ...args);
    const { steps } = JSON.parse(text) as { steps: { op: string; urn: string }[] };
    const planned = steps
      .filter(({ op }) => !["same", "refresh"].includes(op))
      // A replacement has three steps; the one named so is enough.
      .filter(({ op }) => !["create-replacement", "delete-replaced"].includes(op));
    return Object.fromEntries(planned.map(({ op, urn }) => [urn.split("::").at(-1), op]));
  }

  /** Runs a command that must succeed, and returns what it printed. */
  async ok(...args: string[]): Promise<string> {
    const { code, text } = await this.run(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${text}`);
    return text;
  }

  run(...args: string[]): Promise<Outcome> {
    return new Promise((done, failed) => {
      const child = spawn("pulumi", args, { cwd: this.folder, env: this.env });
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => {
        if (!args.includes("--json")) text += chunk.toString();
      });
      child.on("error", failed);
      child.on("close", (code) => done({ code: code ?? 1, text }));
    });
  }

  /** The state of the stack, as text. */
  state(): Promise<string> {
    return this.ok("stack", "export");
  }

  /** Removes everything, in any state. */
  async end(): Promise<void> {
    await this.run(
      "destroy",
      "--yes",
      "--skip-preview",
      "--non-interactive",
      "--continue-on-error",
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Bundles the embedded plugins into a new folder, and returns it. */
export function embeddedPlugins(): string {
  const folder = mkdtempSync(join(tmpdir(), "lbt-plugins-"));
  execFileSync(process.execPath, [join(ROOT, "scripts/providers/build.mjs"), folder]);
  return folder;
}

/** Runs docker and returns its trimmed output. */
export function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" }).trim();
}

/** Whether this docker command succeeds. */
export function dockerSucceeds(...args: string[]): boolean {
  try {
    docker(...args);
    return true;
  } catch {
    return false;
  }
}

/** An image with a shell that exists on this engine. */
export function baseImage(): string {
  const wanted = ["trixie", "bookworm", "bullseye"].flatMap((suite) => [
    `laterbase/base:${suite}`,
    `debian:${suite}-slim`,
  ]);
  const found = wanted.find((name) => dockerSucceeds("image", "inspect", name));
  if (!found) throw new Error("run the set-up first: no base image is on this engine");
  return found;
}

/**
 * The folder of official plugins: the one that the tester names, or the user's own Pulumi home. Never
 * PULUMI_HOME: during `npm test` it contains the embedded plugins.
 */
export function officialPlugins(): string {
  const home = process.env.LATERBASE_USER_PULUMI_HOME ?? join(homedir(), ".pulumi");
  return process.env.LATERBASE_OFFICIAL_PLUGINS ?? join(home, "plugins");
}
