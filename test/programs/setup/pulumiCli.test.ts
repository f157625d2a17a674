import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Machine } from "../../support/unit/machine";

const ask = 'need_pulumi; echo "$pulumi_report"; command -v pulumi';
const cached = ".cache/laterbase/pulumi/3.259.0";

describe("the Pulumi CLI", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.stub("curl", "exit 28");
    machine.stub("uname", 'if [ "$1" = -m ]; then echo x86_64; else echo Linux; fi');
  });
  afterEach(() => machine.remove());

  const onPath = (version: string) => {
    machine.stub("pulumi", `echo v${version}`);
    machine.stub("pulumi-language-nodejs", "exit 0");
  };
  /** A go that builds what it is asked for. */
  const go = () =>
    machine.stub(
      "go",
      `case $1 in
        env) echo "https://proxy.example,direct" ;;
        version) echo "go version go1.26.8 linux/amd64" ;;
        build) pwd >>"$HOME/built"; echo "$GOFLAGS $CGO_ENABLED $*" >>"$HOME/built"
          while [ "$1" != -o ]; do shift; done; echo built >"$2"; chmod +x "$2" ;;
      esac`,
    );

  it.each(["3.259.0", "3.300.1", "4.0.0"])("%s on the PATH is used, and asked once", (version) => {
    onPath(version);
    const first = machine.bash(ask);
    expect(first.out).toContain(`pulumi ${version} (on PATH)`);
    expect(first.calls).toContain("pulumi version");
    expect(machine.bash(ask).calls).toEqual([]);
  });

  it("an older one on the PATH is not", () => {
    onPath("3.258.9");
    go();
    machine.stub("curl", 'case "$*" in *proxy.example*) exit 0 ;; *) exit 28 ;; esac');
    const { out } = machine.bash(ask);
    expect(out).toContain("pulumi 3.259.0 (built from Go modules)");
    expect(out).toContain(join(machine.home, cached, "bin/pulumi"));
  });

  it("is downloaded and compared with its published checksum", () => {
    const release = "https://github.com/pulumi/pulumi/releases/download/v3.259.0";
    const served = join(machine.folder, "served");
    mkdirSync(join(served, "pulumi"), { recursive: true });
    for (const name of ["pulumi", "pulumi-language-nodejs"]) {
      writeFileSync(join(served, "pulumi", name), "#!/bin/sh\n");
      chmodSync(join(served, "pulumi", name), 0o755);
    }
    machine.bash(
      `cd ${served} && tar -czf pulumi-v3.259.0-linux-x64.tar.gz pulumi && sha256sum *.gz >pulumi-3.259.0-checksums.txt`,
    );
    const serve = (spoil: string) =>
      machine.stub(
        "curl",
        `url=\${!#}; file=${served}/\${url##*/}
        case "$*" in
          *-fsIL*) [ -f "$file" ] ;;
          *"${release}"*) while [ "$1" != -o ]; do shift; done; cat "$file" >"$2"; ${spoil} ;;
          *) exit 22 ;;
        esac`,
      );
    serve('case $url in *.gz) echo more >>"$2" ;; esac');
    const spoilt = machine.bash(ask);
    expect(spoilt.code).toBe(1);
    expect(spoilt.out).toContain("failed or does not match its published checksum");
    expect(machine.has(cached)).toBe(false);
    serve("true");
    expect(machine.bash(ask).out).toContain("pulumi 3.259.0 (downloaded)");
    expect(machine.bash(ask).calls).toEqual([]);
  });

  it("is built from the committed Go modules, read-only, and then cached", () => {
    go();
    machine.stub("curl", 'case "$*" in *proxy.example*) exit 0 ;; *) exit 28 ;; esac');
    const { out, code } = machine.bash(ask);
    expect(code).toBe(0);
    expect(out).toContain("pulumi 3.259.0 (built from Go modules)");
    const built = machine.read("built").split("\n");
    expect(built[0]).toMatch(/scripts\/setup\/pulumi-cli$/);
    expect(built[1]).toMatch(/^-mod=readonly 0 build .*Version=v3\.259\.0 .*pkg\/v3\/cmd\/pulumi$/);
    expect(built[2]).toMatch(/scripts\/setup\/pulumi-language-nodejs$/);
    expect(built[3]).toMatch(/^-mod=readonly 0 build .*pulumi-language-nodejs$/);
    expect(machine.bash(ask).calls).toEqual([]);
  });

  it("starts the host that it builds with the options of Pulumi.yaml, which that host does not read", () => {
    const bin = join(machine.home, cached, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(machine.home, cached, "how"), "built from Go modules");
    writeFileSync(join(bin, "pulumi"), "#!/bin/sh\n", { mode: 0o755 });
    // As a set-up of an earlier version left it.
    const shows = '#!/bin/sh\nfor one; do echo "<$one>"; done\n';
    writeFileSync(join(bin, "pulumi-language-nodejs"), shows, { mode: 0o755 });
    const ran = (options: string) => {
      const file = `name: laterbase\nruntime:\n  name: nodejs\n${options}`;
      writeFileSync(join(machine.home, "Pulumi.yaml"), file);
      const start = 'cd "$HOME"; pulumi-language-nodejs -root /project 127.0.0.1:1';
      const { out, code } = machine.bash(`need_pulumi; ${start}`);
      expect(code).toBe(0);
      return out.trim().split("\n");
    };
    const given = ["<-root>", "</project>", "<127.0.0.1:1>"];
    expect(ran("")).toEqual(given);
    expect(
      ran("  options:\n    typescript: false\n    nodeargs: --require tsx/cjs --require ./a.ts\n"),
    ).toEqual(["<-typescript=false>", "<-nodeargs=--require tsx/cjs --require ./a.ts>", ...given]);
  });

  it("says how to get it where there is no Go", () => {
    const { code, out } = machine.bash(ask);
    expect(code).toBe(1);
    expect(out).toContain("install it (https://www.pulumi.com/docs/install/), or install Go 1.25");
  });

  it("says so when Go's proxy does not answer either", () => {
    go();
    const { code, out, calls } = machine.bash(ask);
    expect(code).toBe(1);
    expect(out).toContain("Go's module proxy https://proxy.example,direct answers");
    expect(calls.filter((call) => call.startsWith("curl")).join("\n")).toMatch(/--max-time 5/);
  });

  it("shows the compiler's words and publishes nothing when the build fails", () => {
    machine.stub(
      "go",
      'case $1 in env) echo off ;; build) echo "checksum mismatch" >&2; exit 1 ;; esac',
    );
    const { code, out } = machine.bash(ask);
    expect(code).toBe(1);
    expect(out).toContain("checksum mismatch");
    expect(machine.has(cached)).toBe(false);
  });
});
