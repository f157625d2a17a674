import { Machine } from "../../support/unit/machine";

const ask =
  "LATERBASE_STAND_INS=yes; need_versitygw; find $HOME/.cache/laterbase/versitygw -type f";

describe("versitygw", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.write("images/objectStore/go.mod", "require github.com/versity/versitygw v1.7.0\n");
    machine.write("images/objectStore/go.sum", "sums\n");
  });
  afterEach(() => machine.remove());

  const go = (build = 'while [ "$1" != -o ]; do shift; done; echo built >"$2"; chmod +x "$2"') =>
    machine.stub(
      "go",
      `case $1 in
        env) echo "https://proxy.example,direct" ;;
        version) echo "go version go1.26.8 linux/amd64" ;;
        build) echo "$GOOS $GOFLAGS $CGO_ENABLED $*" >>"$HOME/built"; ${build} ;;
      esac`,
    );
  const proxyAnswers = () =>
    machine.stub("curl", 'case "$*" in *proxy.example*) exit 0 ;; *) exit 28 ;; esac');

  it("is built once from its Go module, for Linux, with the committed sums", () => {
    go();
    proxyAnswers();
    const { code, stdout } = machine.bash(ask);
    expect(code).toBe(0);
    expect(stdout.trim().split("\n").at(-1)).toMatch(/\/versitygw\/[0-9a-f]{12}\/versitygw$/);
    expect(machine.read("built")).toMatch(/^linux -mod=readonly 0 build .*main\.Version=1\.7\.0/);
    machine.bash(ask);
    expect(machine.read("built").trim().split("\n")).toHaveLength(1);
  });

  it("is built again when its sums change", () => {
    go();
    proxyAnswers();
    machine.bash(ask);
    machine.write("images/objectStore/go.sum", "other sums\n");
    machine.bash(ask);
    expect(machine.read("built").trim().split("\n")).toHaveLength(2);
  });

  it("says what helps where it cannot be built", () => {
    expect(machine.bash(ask).out).toContain(
      "laterbase: laterbase:objectStore needs the image versity/versitygw, which the engine cannot pull: give it access to a registry, or install Go 1.25 or newer to have the program built from Go modules.",
    );
    go();
    machine.stub("curl", "exit 28");
    expect(machine.bash(ask).out).toContain("and Go's module proxy https://proxy.example,direct");
    proxyAnswers();
    go("echo no room; exit 1");
    const failed = machine.bash(ask);
    expect(failed.code).toBe(1);
    expect(failed.out).toContain("no room");
    expect(failed.out).toContain("laterbase: versitygw could not be built with go version");
  });
});
