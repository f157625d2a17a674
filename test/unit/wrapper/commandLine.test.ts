import { readCommandLine, refreshes, withoutRefresh } from "../../../scripts/wrapper/commandLine";

const read = (line: string, env: NodeJS.ProcessEnv = {}) => readCommandLine(line.split(" "), env);

it("keeps Pulumi's flags, without those of the question", () => {
  expect(read("up --stack prod -y --refresh --target a --target=b -p 4 -f")).toEqual({
    command: "up",
    stack: "prod",
    flags: ["--stack", "prod", "--refresh", "--target", "a", "--target=b", "-p", "4"],
    previewFlags: ["--stack", "prod", "--refresh", "--target", "a", "--target=b", "-p", "4"],
    yes: true,
    skipPreview: true,
    adopt: false,
    plain: false,
  });
});

it("keeps its own word from Pulumi, and looks before it adopts", () => {
  const line = read("up --stack prod --adopt --yes --skip-preview");
  expect(line).toMatchObject({ adopt: true, skipPreview: false, plain: false, yes: true });
  expect([line.flags, line.previewFlags]).toEqual([
    ["--stack", "prod"],
    ["--stack", "prod"],
  ]);
});

it("gives a preview what a preview knows", () => {
  const { flags, previewFlags } = read("up -s dev --continue-on-error --parallel 2");
  expect(flags).toEqual(["-s", "dev", "--continue-on-error", "--parallel", "2"]);
  expect(previewFlags).toEqual(["-s", "dev", "--parallel", "2"]);
});

it("asks unless told not to", () => {
  expect(read("up -s dev").yes).toBe(false);
  expect(read("up -s dev --yes=false").yes).toBe(false);
  expect(read("up -s dev --yes").yes).toBe(true);
  expect(read("up -s dev", { PULUMI_SKIP_CONFIRMATIONS: "true" }).yes).toBe(true);
  expect(read("start --stack dev").yes).toBe(true);
});

it.each([
  "preview -s dev --json",
  "preview -s dev -j",
  "preview -s dev --diff",
  "up --help",
  "up -s dev --plan x",
  "up -s dev --remote-env A=b",
  "up -s dev https://example.com/template",
])("leaves the output of '%s' to Pulumi", (line) => expect(read(line).plain).toBe(true));

it.each(["preview -s dev", "up -s dev --json=false", "destroy -s dev --exclude-protected"])(
  "shows what '%s' does",
  (line) => expect(read(line).plain).toBe(false),
);

it("takes the stack that Pulumi would take", () => {
  expect(read("preview", { PULUMI_STACK: "prod" }).stack).toBe("prod");
  expect(read("preview --stack=far", { PULUMI_STACK: "prod" }).stack).toBe("far");
  expect(read("preview").stack).toBe("dev");
});

it("knows four commands", () => {
  expect(() => read("refresh")).toThrow('the wrapper has no command "refresh"');
});

// A refresh with targets that the state does not have yet ends an adoption at its second step.
it.each(["--refresh", "-r", "--refresh=true"])("takes %s out of a run with targets", (flag) => {
  const line = readCommandLine(["up", "--stack", "prod", flag, "--parallel", "4"], {});
  expect(refreshes(line)).toBe(true);
  const left = withoutRefresh(line);
  expect(left).toEqual(line.flags.filter((one) => one !== flag));
  expect([left.includes(flag), left.includes("--parallel")]).toEqual([false, true]);
});
