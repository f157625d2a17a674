import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(__dirname, "../..");

/** A resource of a lab's program. A value `{ $secret: … }` becomes a secret. */
export interface Resource {
  type: "local" | "remote" | "RandomPassword" | "RandomId";
  name: string;
  args: Record<string, unknown>;
  opts?: Record<string, unknown>;
}

/** The result of a CLI command. */
export interface Told {
  code: number;
  output: string;
}

/** One step of a preview. */
export interface Step {
  name: string;
  op: string;
  diffs: string[];
}

interface StateResource {
  name: string;
  id: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const command = require("@pulumi/command");
const random = require("@pulumi/random");
const kinds = { local: command.local.Command, remote: command.remote.Command, ...random };
const value = (json) => JSON.parse(json, (_, v) =>
  v && typeof v === "object" && "$secret" in v ? pulumi.secret(v.$secret) : v);
for (const { type, name, args, opts } of value(require("fs").readFileSync("resources.json"))) {
  new kinds[type](name, args, opts);
}
`;

/** A Pulumi project with its own state and Pulumi home, run by the CLI on the PATH. */
export class Lab {
  private constructor(readonly dir: string) {}

  /** Bundles our plugins, or uses those in a folder. */
  static async create(officialPlugins?: string): Promise<Lab> {
    const lab = new Lab(await mkdtemp(join(tmpdir(), "lbt-command-")));
    await mkdir(join(lab.dir, "state"));
    await mkdir(join(lab.dir, "home"));
    await writeFile(
      join(lab.dir, "Pulumi.yaml"),
      "name: lab\nruntime: {name: nodejs, options: {typescript: false}}\nmain: index.js\n",
    );
    await writeFile(join(lab.dir, "package.json"), '{"name": "lab", "main": "index.js"}');
    await writeFile(join(lab.dir, "index.js"), PROGRAM);
    await symlink(join(root, "node_modules"), join(lab.dir, "node_modules"));
    const plugins = join(lab.dir, "home", "plugins");
    if (officialPlugins) await symlink(officialPlugins, plugins);
    else
      await run(process.execPath, [
        join(root, "scripts/providers/build.mjs"),
        plugins,
        "command",
        "random",
      ]);
    await lab.cli("stack", "init", "test");
    return lab;
  }

  /** A path in the lab. */
  path(name: string): string {
    return join(this.dir, name);
  }

  /** The text of a file in the lab; empty when it does not exist. */
  async text(name: string): Promise<string> {
    return readFile(this.path(name), "utf8").catch(() => "");
  }

  async up(resources: Resource[], ...flags: string[]): Promise<Told> {
    await this.declare(resources);
    return this.cli("up", "--skip-preview", ...flags);
  }

  /** The steps that change something. */
  async preview(resources: Resource[], ...flags: string[]): Promise<Step[]> {
    await this.declare(resources);
    const { output, code } = await this.cli("preview", "--json", ...flags);
    if (code !== 0) throw new Error(output);
    const { steps = [] } = JSON.parse(output) as {
      steps?: { op: string; urn: string; diffReasons?: string[] }[];
    };
    return steps
      .filter(({ op, urn }) => !["same", "refresh"].includes(op) && !/::pulumi:/.test(urn))
      .map(({ op, urn, diffReasons = [] }) => ({
        name: nameOf(urn),
        op,
        diffs: diffReasons.sort(),
      }))
      .sort((left, right) => left.name.localeCompare(right.name));
  }

  async destroy(): Promise<Told> {
    return this.cli("destroy", "--skip-preview");
  }

  /** A resource of the state, with encrypted secrets. */
  async state(name: string): Promise<StateResource> {
    const found = (await this.states()).find((resource) => resource.name === name);
    if (!found) throw new Error(`no ${name} in the state`);
    return found;
  }

  /** All resources of the state except the stack and the providers. */
  async states(): Promise<StateResource[]> {
    const { output } = await this.cli("stack", "export");
    const { deployment } = JSON.parse(output) as {
      deployment: { resources?: (StateResource & { urn: string })[] };
    };
    return (deployment.resources ?? [])
      .filter(({ urn }) => !/::pulumi:/.test(urn))
      .map(({ urn, id, inputs, outputs }) => ({ name: nameOf(urn), id, inputs, outputs }));
  }

  /** The content of the state file. */
  async rawState(): Promise<string> {
    return this.text("state/.pulumi/stacks/lab/test.json");
  }

  async cli(...args: string[]): Promise<Told> {
    const env = {
      ...process.env,
      PULUMI_HOME: this.path("home"),
      PULUMI_BACKEND_URL: `file://${this.path("state")}`,
      PULUMI_CONFIG_PASSPHRASE: "lab",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_SKIP_CONFIRMATIONS: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
      SSH_AUTH_SOCK: "",
    };
    const stack = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", "test"];
    const options = { cwd: this.dir, env, maxBuffer: 64 * 1024 * 1024 };
    try {
      const { stdout } = await run("pulumi", [...args, ...stack, "--non-interactive"], options);
      return { code: 0, output: stdout };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  }

  async dispose(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  private declare(resources: Resource[]): Promise<void> {
    return writeFile(this.path("resources.json"), JSON.stringify(resources));
  }
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
