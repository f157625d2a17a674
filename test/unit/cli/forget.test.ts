import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { ExportedState } from "../../../scripts/cli/stack/exportedState";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";
import { FakePulumi } from "../../support/fakePulumi";
import { operatorRun } from "../../support/unit/operatorRun";

const file = `config:
  laterbase:primary: { kind: managed, version: 17, port: 1, databases: [app] }
  laterbase:standbys:
    - name: standby
      port: 2
    # Far away.
    - name: far
      port: 3
  laterbase:dumps:
    schedule: "@hourly"
    path: ./backups
  # A trial.
  laterbase:duplicati:
    port: 4
    target: file:///archive
`;
const raw = {
  primary: { kind: "managed", version: 17, port: 1, databases: ["app"] },
  standbys: [
    { name: "standby", port: 2 },
    { name: "far", port: 3 },
  ],
  dumps: { schedule: "@hourly", path: "./backups" },
  duplicati: { port: 4, target: "file:///archive" },
};
const config = Object.fromEntries(
  Object.entries(raw).map(([key, value]) => [`laterbase:${key}`, { value: JSON.stringify(value) }]),
);
const urn = (path: string, name: string) => `urn:pulumi:x::laterbase::${path}::${name}`;
const owner = (kind: string, name: string) => {
  const type = `laterbase:index:${kind}`;
  return { urn: urn(type, name), type };
};
const volume = (parent: { urn: string }, name: string) => ({
  urn: urn("docker:index/volume:Volume", name),
  type: "docker:index/volume:Volume",
  parent: parent.urn,
  ...{ protect: true, retainOnDelete: true, outputs: { name: `laterbase-x-${name}` } },
});
const far = owner("Standby", "far");
const duplicati = owner("Duplicati", "duplicati");
const state = {
  version: 3,
  deployment: {
    resources: [far, volume(far, "far-data"), duplicati, volume(duplicati, "duplicati-data")],
  },
};
const outputs: KnownOutputs = { duplicati: { url: "u", password: "p", passphrase: "words of it" } };

/** Of each data volume: whether it is protected, and whether `up` keeps it. */
function flagsOf(imported: string): (boolean | undefined)[][] {
  const { deployment } = JSON.parse(imported) as ExportedState;
  return (deployment.resources ?? [])
    .filter(({ urn: name }) => /data$/.test(name))
    .map(({ protect, retainOnDelete }) => [protect, retainOnDelete]);
}

let pulumi: FakePulumi;
beforeEach(() => {
  pulumi = new FakePulumi();
  pulumi.logIn();
  pulumi.does(`case "$1 $2" in
    "stack export") echo '${JSON.stringify(state)}' ;;
    "config --json") echo '${JSON.stringify(config)}' ;;
    "stack import") note ;;
  esac`);
  writeFileSync("Pulumi.x.yaml", file);
});
afterEach(() => pulumi.remove());

async function run(words: string[], typed?: string) {
  const ran = await operatorRun(["forget", ...words], { stack: outputs, typed });
  const import_ = pulumi.calls().find((call) => call.startsWith("< "));
  return {
    ...ran,
    text: readFileSync("Pulumi.x.yaml", "utf8"),
    protectedNow: import_ === undefined ? undefined : flagsOf(import_.slice(2)),
  };
}

it("takes a standby out of the file and the state, and keeps its data", async () => {
  const { code, text, printed, protectedNow } = await run(["far"]);
  expect([code, text]).toEqual([0, file.replace(/ {4}# Far away\.[^]*port: 3\n/, "")]);
  expect(protectedNow).toEqual([
    [undefined, true],
    [true, true],
  ]);
  expect(printed).toBe(
    [
      "Pulumi.x.yaml no longer has far.",
      "What comes next: 'npm run pulumi -- up --stack x' removes its containers, and its slot laterbase_far_slot on the primary.",
      "These volumes stay on the engine. To delete them after that:",
      "  docker volume rm laterbase-x-far-data",
      "A standby of the same name takes its data up again.",
    ].join("\n"),
  );
});

it("deletes its data with the next up only after its name was typed", async () => {
  const { code, protectedNow, questions } = await run(["far", "--data"], "far");
  expect([code, questions]).toEqual([
    0,
    [expect.stringContaining("deletes for good: laterbase-x-far-data.")],
  ]);
  expect(protectedNow).toEqual([
    [undefined, undefined],
    [true, true],
  ]);
});

it.each([
  ["another answer", "yes", 4],
  ["no terminal", undefined, 2],
])("changes nothing with %s", async (_what, typed, exit) => {
  const { code, text, protectedNow } = await run(["far", "--data"], typed);
  expect([code, text, protectedNow]).toEqual([exit, file, undefined]);
});

it("shows the passphrase of the archives before the stack forgets it", async () => {
  const { code, questions, text, printed } = await run(["Duplicati"], "yes");
  expect([code, questions.join()]).toEqual([0, expect.stringContaining("words of it")]);
  expect(text).toBe(file.replace(/ {2}# A trial\.[^]*$/, ""));
  expect(printed).toContain("Archives at the target stay.");
});

it("names another run that holds the stack, and changes nothing", async () => {
  const locks = "backend/.pulumi/locks/organization/laterbase/x";
  mkdirSync(locks, { recursive: true });
  const lock = {
    pid: process.pid,
    username: "me",
    hostname: hostname(),
    timestamp: "2026-01-01T00:00:00Z",
  };
  writeFileSync(join(locks, "a.json"), JSON.stringify(lock));
  process.env["PULUMI_BACKEND_URL"] = `file://${process.cwd()}/backend`;
  pulumi.does(`case "$1 $2" in
    "stack export") echo '${JSON.stringify(state)}' ;;
    "config --json") echo '${JSON.stringify(config)}' ;;
    "stack import") cat >/dev/null; echo 'error: the stack is currently locked, see pulumi cancel' >&2; exit 255 ;;
  esac`);
  const { code, said, text } = await run(["far"]);
  expect([code, text]).toEqual([4, file]);
  expect(said).toMatch(
    /^laterbase: Another run is at work on stack x: process \d+ of me.*Nothing was changed\.$/,
  );
  expect(said).not.toContain("pulumi cancel");
});

it("changes nothing where an anchor joins the part to another one", async () => {
  const joined = file
    .replace("dumps:\n", "dumps: &dumps\n")
    .replace("port: 4\n", "port: 4\n    other: *dumps\n");
  const plain = { ...raw, duplicati: undefined };
  const values = Object.entries(plain).flatMap(([key, value]) =>
    value ? [[`laterbase:${key}`, { value: JSON.stringify(value) }]] : [],
  );
  pulumi.does(`case "$1 $2" in
    "stack export") echo '${JSON.stringify(state)}' ;;
    "config --json") echo '${JSON.stringify(Object.fromEntries(values))}' ;;
    "stack import") note ;;
  esac`);
  writeFileSync("Pulumi.x.yaml", joined);
  const { code, said, text, protectedNow } = await run(["dumps", "--yes"]);
  expect([code, said, text, protectedNow]).toEqual([
    4,
    "laterbase: An anchor of YAML (&, * or <<) joins dumps in Pulumi.x.yaml to another place, which would change too. Write dumps out there, without the anchor, and try again. Nothing was changed.",
    joined,
    undefined,
  ]);
});

it("refuses what the stack needs, and what it does not have", async () => {
  const dumps = await run(["dumps", "--yes"]);
  expect([dumps.code, dumps.said, dumps.text]).toEqual([
    4,
    "laterbase: Without dumps the stack could not be brought up: laterbase:duplicati stores dumps: set laterbase:dumps too, such as { retentionDays: 7 } (set in Pulumi.x.yaml).",
    file,
  ]);
  const none = await run(["nothing"]);
  expect([none.code, none.said]).toEqual([
    2,
    'laterbase: The stack x has no part "nothing" to forget: there are standby, far, dumps, duplicati.',
  ]);
});

it("finishes what was interrupted between the state and the file, either way", async () => {
  writeFileSync("Pulumi.x.yaml", file.replace(/ {4}# Far away\.[^]*port: 3\n/, ""));
  const { code, printed, protectedNow } = await run(["far"]);
  expect([code, protectedNow?.[0]]).toEqual([0, [undefined, true]]);
  expect(printed).toContain("far was in no stack file any more.");
});

it("refuses a key that nothing would read, because it may be the part", async () => {
  writeFileSync("Pulumi.x.yaml", file.replace("laterbase:dumps", "latebase:dumps"));
  const { code, said, protectedNow } = await run(["far"]);
  expect([code, said, protectedNow]).toEqual([
    1,
    "laterbase: latebase:dumps is unknown (did you mean laterbase:dumps?) (set in Pulumi.x.yaml).",
    undefined,
  ]);
});

it("takes back nothing that another run has changed while the question was open", async () => {
  const at = (time: string) =>
    JSON.stringify({ ...state, deployment: { ...state.deployment, manifest: { time } } });
  pulumi.does(`case "$1 $2" in
    "stack export") if [ -e seen ]; then echo '${at("12:01")}'; else echo '${at("12:00")}'; fi; >seen ;;
    "config --json") echo '${JSON.stringify(config)}' ;;
    "stack import") note ;;
  esac`);
  const { code, said, text, protectedNow } = await run(["far", "--data"], "far");
  expect([code, said, text, protectedNow]).toEqual([
    4,
    "laterbase: Another run has changed the state of stack x meanwhile: nothing was changed. Try again.",
    file,
    undefined,
  ]);
});

it("takes back no other change of the stack file", async () => {
  pulumi.does(`case "$1 $2" in
    "stack export") [ ! -e seen ] || echo "# more" >>Pulumi.x.yaml; >seen; echo '${JSON.stringify(state)}' ;;
    "config --json") echo '${JSON.stringify(config)}' ;;
    "stack import") note ;;
  esac`);
  const { code, said, text, protectedNow } = await run(["far", "--yes"]);
  expect([code, said, text, protectedNow]).toEqual([
    4,
    "laterbase: Pulumi.x.yaml was changed meanwhile: nothing was changed. Try again.",
    `${file}# more\n`,
    undefined,
  ]);
});
