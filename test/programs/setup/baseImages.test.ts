import { Machine } from "../../support/unit/machine";

const ask = (engines: string, suites: string) =>
  `engine_arch=amd64; need_base_images dev '${engines}' ${suites}; echo "$base_report; \${LATERBASE_BASE_REPOSITORY:-default}"`;

describe("base images", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.stub("dpkg", "echo amd64");
    machine.stub(
      "curl",
      'case "$*" in *debian.example*/dists/*-security/*) exit 22 ;; *debian.example*) exit 0 ;; *) exit 28 ;; esac',
    );
    machine.stub(
      "apt-get",
      'case $1 in indextargets) echo "http://other.example/x/ main"; echo "http://debian.example/debian/ main" ;; esac',
    );
    machine.stub(
      "debootstrap",
      'mkdir -p "$3/etc/apt" "$3/etc/dpkg/dpkg.cfg.d" "$3/usr/sbin" "$3/usr/share/doc" "$3/var/log" "$3/dev"; echo "$@" >>"$HOME/debootstrap"',
    );
  });
  afterEach(() => machine.remove());

  it("are Debian's own where the engine reaches its registry, asked once", () => {
    machine.engine({ pulls: true });
    const first = machine.bash(ask("", "trixie"));
    expect(first.out).toBe("base images: debian (registry); default\n");
    expect(first.calls).toContain("engine --host  can-pull debian:trixie-slim");
    expect(machine.bash(ask("", "trixie")).calls).toEqual([]);
  });

  it("are Debian's own when the pinned one is on the engine already", () => {
    const pin = `debian:trixie-slim@sha256:${"a".repeat(64)}`;
    machine.write("images/base.ts", `const pin = "${pin}";`);
    machine.engine({ images: pin });
    expect(machine.bash(ask("", "trixie")).out).toBe("base images: debian (registry); default\n");
  });

  it("are made by debootstrap from the machine's own apt source, and then never again", () => {
    machine.engine();
    const { out, code } = machine.bash(ask("", "trixie bullseye"));
    expect(code).toBe(0);
    expect(out).toContain("base images: debootstrap (registry not reachable); laterbase/base\n");
    expect(machine.read("debootstrap")).toMatch(
      /^--variant=minbase trixie \S+ http:\/\/debian.example\/debian\/\n--variant=minbase bullseye /,
    );
    expect(machine.read("images").split("\n")).toEqual([
      "laterbase/base:trixie",
      "laterbase/base:bullseye",
      "",
    ]);
    const again = machine.bash(ask("", "trixie bullseye"));
    expect(again.calls).toEqual([
      "node " +
        machine.checkout +
        "/scripts/setup/engine.mjs --host  missing laterbase/base:trixie laterbase/base:bullseye",
      "engine --host  missing laterbase/base:trixie laterbase/base:bullseye",
    ]);
  });

  it("are not made where engines pull all images of ours; stand-ins are still chosen", () => {
    machine.engine();
    const { out, code } = machine.bash(
      `pushed=yes; ${ask("", "trixie")}; echo "$LATERBASE_STAND_INS"`,
    );
    expect(code).toBe(0);
    expect(out).toBe("base images: debootstrap (registry not reachable); laterbase/base\nyes\n");
  });

  it("stay as they were for a stack when the network changes: another base replaces containers", () => {
    machine.engine();
    machine.bash(ask("", "trixie"));
    machine.engine({ pulls: true });
    expect(machine.bash(ask("", "trixie")).out).toContain("debootstrap");
    const forced = machine.bash(ask("", "trixie"), { LATERBASE_BASE_IMAGES: "registry" });
    expect(forced.out).toBe("base images: debian (registry); default\n");
  });

  it("are copied to every engine of the stack", () => {
    machine.engine();
    const { code } = machine.bash(ask("\nssh://nas", "trixie"));
    expect(code).toBe(0);
    expect(machine.read("imagessshnas")).toBe("laterbase/base:trixie\n");
    expect(machine.read("debootstrap").split("\n")).toHaveLength(2);
    expect(machine.bash(ask("\nssh://nas", "trixie")).code).toBe(0);
  });

  it("may be the user's own repository", () => {
    machine.engine();
    const { out, calls } = machine.bash(ask("", "trixie"), {
      LATERBASE_BASE_REPOSITORY: "reg.lan/debian",
    });
    expect(out).toBe("base images: reg.lan/debian (LATERBASE_BASE_REPOSITORY); reg.lan/debian\n");
    expect(calls).toEqual([]);
  });

  it("are an error that says what helps to who is not root, and where no source has the suite", () => {
    machine.engine();
    const plain = machine.bash(ask("", "trixie"), { UID_SAYS: "1000" });
    expect(plain.code).toBe(1);
    expect(plain.out).toContain("debootstrap needs root");
    machine.stub("curl", "exit 28");
    const without = machine.bash(ask("", "trixie"));
    expect(without.code).toBe(1);
    expect(without.out).toContain("no apt source of this machine carries Debian trixie");
  });

  it("are not made for an engine of another architecture", () => {
    machine.engine();
    const { code, out } = machine.bash(ask("", "trixie").replace("=amd64", "=arm64"));
    expect(code).toBe(1);
    expect(out).toContain("the engine runs on arm64 and this machine on amd64");
  });
});
