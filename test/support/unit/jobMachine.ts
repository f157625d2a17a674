import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Machine, type Said } from "./machine";

const project = resolve(__dirname, "../../..");

/** A machine that runs jobs of a pipeline. Its Pulumi and its engine are stand-ins, the programs of jobs are real. */
export class JobMachine extends Machine {
  constructor() {
    super();
    for (const path of ["scripts/ci", "package.json", "Pulumi.prod.yaml", "examples"])
      symlinkSync(join(project, path), join(this.checkout, path));
    symlinkSync(join(project, "node_modules/tsx"), join(this.checkout, "node_modules/tsx"));
    for (const name of ["previewNote.ts", "main.ts"])
      this.write(`scripts/wrapper/${name}`, `require("${project}/scripts/wrapper/${name}");\n`);
    const tools = join(this.folder, "tools");
    for (const name of ["flock", "realpath"])
      symlinkSync(
        ["/usr/bin", "/bin"].map((at) => join(at, name)).find(existsSync)!,
        join(tools, name),
      );
    this.stub(
      "node",
      `case "$*" in *engine.mjs*) shift; exec engine "$@" ;; *) exec ${process.execPath} "$@" ;; esac`,
    );
    this.stub("pulumi-language-nodejs", "exit 0");
    this.engine();
    this.pulumi("");
    mkdirSync(join(this.folder, "state"));
    // The official plugins' home, so that none is built.
    for (const plugin of ["docker-v5.2.0", "command-v1.2.1", "random-v4.21.1"]) {
      const folder = join(this.home, ".pulumi/plugins", `resource-${plugin}`);
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `pulumi-resource-${plugin.split("-v")[0]}`);
      writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
    }
  }

  /** @param body bash for what Pulumi's stand-in does after `version` and the tags of stacks. $* are the words */
  pulumi(body: string): void {
    this.stub(
      "pulumi",
      `case "$1 $2 $3" in
        version*) echo v3.259.0; exit ;;
        "stack tag get") [ -n "\${TAG_SAYS:-}" ] && echo "$TAG_SAYS" || exit 1; exit ;;
        "stack tag set") exit ;;
        "stack export"*) exit 1 ;;
      esac
      ${body}`,
    );
  }

  /** What a job of this pipeline has: a backend, a passphrase, a registry. */
  get secrets(): Record<string, string> {
    return {
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "open sesame and more",
      LATERBASE_REGISTRY: "registry.example.com/group/project",
      LATERBASE_TAG: "3f2a9c1",
      CI_API_V4_URL: "http://127.0.0.1:9/api/v4",
      CI_PROJECT_ID: "1",
      CI_MERGE_REQUEST_IID: "7",
    };
  }

  /** The programs' compiled text is kept from one test to the next. */
  override get env(): Record<string, string> {
    return { ...super.env, TMPDIR: tmpdir() };
  }

  /** Runs a script of scripts/ci. */
  job(words: string, env: Record<string, string> = this.secrets): Said {
    return this.bash(`exec scripts/ci/${words}`, env, 60);
  }

  note(stack = "dev"): string {
    return readFileSync(join(this.checkout, `note-${stack}.md`), "utf8");
  }
}

/** The lines that a run of Pulumi prints for these events. */
export const printed = (events: readonly object[]) =>
  `cat <<'END'\n${events.map((event) => JSON.stringify(event)).join("\n")}\nEND\n`;
