import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const project = resolve(__dirname, "../../..");

/** The programs of every machine. A test adds others, such as docker, go, curl, npm or apt-get. */
const plainTools =
  "bash sh env cat cp mv rm mkdir chmod touch ls sed awk grep find sort head tail tr cut paste cmp " +
  "mktemp dirname sleep sha256sum uname hostname ps tar gzip openssl date wc xargs setsid tee stat basename";

export interface Said {
  code: number;
  /** Both outputs, and the first of them alone. */
  out: string;
  stdout: string;
  /** The stubs that were called, a line each: name and arguments. */
  calls: string[];
}

/** A machine of stubs with its own HOME and checkout. Its PATH has only what the test puts there. */
export class Machine {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "lbt-setup-")));
  readonly checkout = join(this.folder, "checkout");
  readonly home = join(this.folder, "home");
  private readonly bin = join(this.folder, "bin");

  constructor() {
    const tools = join(this.folder, "tools");
    for (const folder of [this.checkout, this.home, this.bin, tools]) mkdirSync(folder);
    for (const name of plainTools.split(" ")) {
      const where = ["/usr/bin", "/bin"].map((path) => join(path, name)).find(existsSync);
      if (where) symlinkSync(where, join(tools, name));
    }
    cpSync(join(project, "scripts/setup"), join(this.checkout, "scripts/setup"), {
      recursive: true,
    });
    for (const name of [
      ...["pulumi.sh", "destroy.sh", "start.sh", "test.sh", "help.sh", "laterbase.sh"],
      ...["check.sh", "trials.sh", "bench.sh", "schema.sh"],
    ])
      cpSync(join(project, "scripts/npm", name), join(this.checkout, "scripts/npm", name));
    cpSync(join(project, "images/build/node.json"), join(this.checkout, "images/build/node.json"));
    this.write("package-lock.json", "{}");
    this.write("Pulumi.yaml", "name: laterbase\nruntime: nodejs\n");
    this.write("Pulumi.dev.yaml", "config:\n  laterbase:primary: { kind: managed, version: 17 }\n");
    for (const [name, version] of [
      ["docker", "5.2.0"],
      ["command", "1.2.1"],
      ["random", "4.21.1"],
    ])
      this.write(`node_modules/@pulumi/${name}/package.json`, `{\n  "version": "${version}"\n}\n`);
    for (const own of ["node_modules/yaml", "node_modules/fastest-levenshtein"])
      symlinkSync(join(project, own), join(this.checkout, own));
    this.write("node_modules/.package-lock.json", "{}");
    // The engine is a stub. The real node runs everything else.
    this.stub(
      "node",
      `case "$*" in
        *engine.mjs*) shift; exec engine "$@" ;;
        *providers/build.mjs*)
          for plugin in docker-v5.2.0 command-v1.2.1 random-v4.21.1; do
            mkdir -p "$2/resource-$plugin"
            printf '#!/bin/sh\\n' >"$2/resource-$plugin/pulumi-resource-\${plugin%-v*}"
            chmod +x "$2/resource-$plugin/pulumi-resource-\${plugin%-v*}"
          done ;;
        *wrapper/main.ts*) shift 3; echo "wrapper: $* @ \${PULUMI_BACKEND_URL:-theirs}" ;;
        --version) echo "\${NODE_SAYS:-v22.23.3}" ;;
        *) exec ${process.execPath} "$@" ;;
      esac`,
    );
    this.stub("id", 'if [ "$1" = -u ]; then echo "${UID_SAYS:-0}"; else echo somebody; fi');
  }

  /** Puts a stub of a program on the PATH. Each call of it is recorded. */
  stub(name: string, body: string): void {
    const file = join(this.bin, name);
    writeFileSync(
      file,
      `#!/bin/bash\nprintf '%s\\n' "${name} $*" >>"${this.folder}/calls"\n${body}\n`,
    );
    chmodSync(file, 0o755);
  }

  /** An engine that answers a ping, has these images and can pull others. */
  engine({ images = "", pulls = false }: { images?: string; pulls?: boolean } = {}): void {
    this.stub(
      "engine",
      `host=; if [ "$1" = --host ]; then host=$2; shift 2; fi
      images="${images} $(cat "$HOME/images$host" 2>/dev/null | tr "\\n" " ")"
      case $1 in
        ping) echo "20.10.24+dfsg1 amd64" ;;
        missing) shift; for i in "$@"; do case " $images " in *" $i "*) ;; *) echo "$i" ;; esac; done ;;
        can-pull) ${pulls ? "exit 0" : "exit 1"} ;;
        import) cat >/dev/null; echo "$2" >>"$HOME/images$host" ;;
        copy) echo "$2" >>"$HOME/images\${host//[^a-z]/}" ;;
      esac`,
    );
  }

  write(path: string, text: string): string {
    const file = join(this.checkout, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  read(path: string): string {
    return readFileSync(join(this.home, path), "utf8");
  }

  has(path: string): boolean {
    return existsSync(join(this.home, path));
  }

  /** Runs bash with set-up sourced, and records the calls of this run only. */
  bash(script: string, env: Record<string, string> = {}, seconds = 20): Said {
    rmSync(join(this.folder, "calls"), { force: true });
    const ran = spawnSync("/bin/bash", ["-c", `. scripts/setup/setup.sh; ${script}`], {
      cwd: this.checkout,
      encoding: "utf8",
      timeout: seconds * 1000,
      env: { ...this.env, ...env },
    });
    const noted = join(this.folder, "calls");
    const calls = existsSync(noted) ? readFileSync(noted, "utf8").trim().split("\n") : [];
    const { stdout } = ran;
    return { code: ran.status ?? 128, stdout, out: stdout + ran.stderr, calls };
  }

  /** What its programs find in their environment. */
  get env(): Record<string, string> {
    return {
      HOME: this.home,
      PATH: `${this.bin}:${join(this.folder, "tools")}`,
      TMPDIR: this.folder,
      LATERBASE_TICK: "1",
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
