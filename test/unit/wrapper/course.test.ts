import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCommandLine } from "../../../scripts/wrapper/commandLine";
import { runCourse } from "../../../scripts/wrapper/course";
import type { Output } from "../../../scripts/wrapper/output";
import { until } from "../../support/process";

// Pulumi is a shell script here, which prints what the engine prints.
const folder = mkdtempSync(join(tmpdir(), "lbt-course-"));
const before = { ...process.env };
const calls = join(folder, "calls");
const file = join(folder, "Pulumi.prod.yaml");

beforeAll(() => {
  process.env["PATH"] = `${folder}:${process.env["PATH"]}`;
  process.env["PULUMI_BACKEND_URL"] = "https://example.com";
  process.env["XDG_DATA_HOME"] = folder;
  writeFileSync(file, "config: {}\n");
});
afterAll(() => {
  process.env = before;
  rmSync(folder, { recursive: true });
});

const urn = (name: string) => `urn:pulumi:prod::laterbase::t::${name}`;
const step = (op: string, name: string, type = "t") => {
  const state = { custom: true, inputs: {}, outputs: {} };
  const metadata = { op, urn: urn(name), type, old: op === "create" ? null : state, new: state };
  return [{ resourcePreEvent: { metadata } }, { resOutputsEvent: { metadata } }];
};
const root = step("same", "laterbase-prod", "pulumi:pulumi:Stack");
const nothing = [...step("same", "network"), ...root];
const creation = [...step("create", "network"), ...root];

/** Puts a Pulumi on the PATH: by command, the events that it prints and the rest of its script. */
function pulumi(parts: Record<string, [events: object[], rest?: string]>): void {
  const cases = Object.entries(parts).map(([command, [events, rest = ""]]) => {
    const text = events.map((event) => JSON.stringify(event)).join("\n");
    return `${command})\ncat <<'END'\n${text}\nEND\n${rest}\n;;`;
  });
  const script = `#!/bin/bash\necho "$*" >>${calls}\ncase $1 in\n${cases.join("\n")}\nesac\n`;
  writeFileSync(join(folder, "pulumi"), script);
  chmodSync(join(folder, "pulumi"), 0o755);
  rmSync(calls, { force: true });
}

interface Said {
  code: number;
  out: string[];
  errors: string[];
  /** The commands that Pulumi was called with, without what all of them have. */
  called: string[];
}

async function course(
  typed: string,
  {
    answer,
    soon = new AbortController(),
    act,
  }: { answer?: string; soon?: AbortController; act?: (line: string) => void } = {},
): Promise<Said> {
  const out: string[] = [];
  const errors: string[] = [];
  const output: Output = {
    live: false,
    line: (text) => {
      out.push(text);
      act?.(text);
    },
    error: (text) => errors.push(text),
    now: () => undefined,
    ...(answer === undefined ? {} : { ask: () => Promise.resolve(answer) }),
  };
  const words = `${typed} --stack prod --config-file ${file}`.split(" ");
  const line = readCommandLine(words, {});
  const code = await runCourse(line, output, {
    soon: soon.signal,
    now: new AbortController().signal,
  });
  const noted = existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
  const common = ` --stack prod --config-file ${file}`;
  // To read the state changes nothing.
  const runs = noted.filter((one) => !one.startsWith("stack export"));
  const called = runs.map((one) =>
    one.replace(common, "").replace(" --json --non-interactive --color never", ""),
  );
  return { code, out, errors, called };
}

it("previews, makes the changes, and says what is there", async () => {
  pulumi({ preview: [creation], up: [creation] });
  const { code, out, errors, called } = await course("up --yes");
  expect(called).toEqual(["preview", "up --skip-preview --yes"]);
  expect([code, errors]).toEqual([0, []]);
  expect(out[0]).toBe("Changes of stack prod:");
  expect(out).toContain("\nLaterbase is up (stack prod).");
  expect(out.filter((line) => line.includes("created    network"))).toHaveLength(1);
});

it("makes no update when nothing changes, unless another version of the program was applied", async () => {
  pulumi({ preview: [nothing], up: [nothing] });
  expect((await course("up --yes")).called).toEqual(["preview"]);
  writeFileSync(file, "config: { other: 1 }\n");
  expect((await course("up --yes")).called.slice(1)).toEqual([
    "preview",
    "up --skip-preview --yes",
  ]);
  rmSync(calls);
  const { called, code, out } = await course("up --yes");
  expect([called, code, out[0]]).toEqual([["preview"], 0, "Nothing changes in stack prod."]);
});

it("asks before it changes anything", async () => {
  pulumi({ preview: [creation], up: [creation] });
  const no = await course("up", { answer: "" });
  expect([no.code, no.called, no.out.at(-1)]).toEqual([4, ["preview"], "Nothing was changed."]);
  expect((await course("up", { answer: "y" })).called.slice(1)).toEqual([
    "preview",
    "up --skip-preview --yes",
  ]);
});

it("changes nothing where nobody can be asked", async () => {
  pulumi({ preview: [creation], up: [creation] });
  expect(await course("up")).toEqual({
    code: 4,
    out: [],
    errors: [
      "laterbase: nobody can be asked without a terminal, so nothing was changed: add --yes.",
    ],
    called: [],
  });
});

it("says why a preview fails, with Pulumi's exit code, and makes no update", async () => {
  const error = {
    diagnosticEvent: { severity: "error", message: "laterbase:dumps.schedule is no schedule." },
  };
  pulumi({ preview: [[error], "echo 'error: preview failed' >&2; exit 255"], up: [creation] });
  expect(await course("up --yes")).toMatchObject({
    code: 255,
    errors: ["laterbase:dumps.schedule is no schedule.", "error: preview failed"],
    called: ["preview"],
  });
});

it("changes nothing where the stack file names another engine for what exists", async () => {
  const type = "laterbase:index:Laterbase";
  const state = (config: object) => ({ custom: false, inputs: { config }, outputs: {} });
  const metadata = {
    ...{ op: "update", urn: urn("laterbase"), type },
    // Neither answers, so nobody can say that they are one engine.
    old: state({ dockerHost: "tcp://127.0.0.1:1" }),
    new: state({ dockerHost: "tcp://127.0.0.1:9" }),
  };
  const data = { ...state({}), custom: true, inputs: { name: "laterbase-prod-primary-data" } };
  const volume = {
    ...{ op: "same", urn: urn("data"), type: "docker:index/volume:Volume", old: data, new: data },
  };
  const events = [metadata, volume].flatMap((one) => [
    { resourcePreEvent: { metadata: one } },
    { resOutputsEvent: { metadata: one } },
  ]);
  pulumi({ preview: [[...events, ...root]], up: [[...events, ...root]] });
  for (const command of ["preview", "up --yes"]) {
    const { code, errors, called } = await course(command);
    expect([code, called.at(-1)]).toEqual([4, "preview"]);
    expect(errors).toEqual([
      expect.stringMatching(
        /^laterbase: laterbase:dockerHost is tcp:\/\/127\.0\.0\.1:9, and the stack is on tcp:\/\/127\.0\.0\.1:1: .*\nNothing was changed\.$/,
      ),
    ]);
  }
});

it("removes and changes nothing while another run holds the state", async () => {
  const state = JSON.stringify({
    deployment: { pending_operations: [{ type: "creating", resource: {} }] },
  });
  const held = `case $2 in export) echo '${state}' ;; import) echo 'error: it is locked' >&2; exit 1 ;; esac`;
  pulumi({ preview: [creation], up: [creation], stack: [[], held] });
  const { code, errors, called } = await course("up --yes");
  expect([code, called.includes("up --skip-preview --yes")]).toEqual([4, false]);
  expect(errors.join()).toContain("Pulumi does not let the state be changed (it is locked).");
});

it("says what to do when an update fails in the middle", async () => {
  const message = { diagnosticEvent: { severity: "error", message: "The port is taken." } };
  pulumi({ preview: [creation], up: [[...step("create", "network"), message], "exit 255"] });
  expect((await course("up --yes")).errors.at(-1)).toBe(
    "laterbase: 'pulumi up' failed, as said above. What was made stays. Fix the cause and run 'npm run pulumi -- up --stack prod'.",
  );
});

it("names the run that makes a container again which is gone", async () => {
  const inputs = {
    name: "laterbase-prod-agent",
    labels: [{ label: "laterbase.role", value: "agent" }],
  };
  const container = (op: string) => {
    const state = { custom: true, inputs, outputs: {} };
    const metadata = {
      ...{ op, urn: urn("agent"), type: "docker:index/container:Container" },
      ...{ old: op === "create" ? null : state, new: state },
    };
    return [{ resourcePreEvent: { metadata } }, { resOutputsEvent: { metadata } }];
  };
  const engine = createServer((_, response) => {
    response.statusCode = 404;
    response.end("{}");
  }).listen(join(folder, "engine.sock"));
  process.env["DOCKER_HOST"] = `unix://${join(folder, "engine.sock")}`;
  try {
    const said = [];
    for (const op of ["same", "create"]) {
      pulumi({
        preview: [[...container(op), ...creation]],
        up: [[...step("create", "network")], "exit 255"],
      });
      said.push((await course("up --yes")).errors.at(-1));
    }
    expect(said).toEqual([
      expect.stringMatching(/ run 'npm run pulumi -- up --refresh --stack prod'\.$/),
      expect.stringMatching(/ run 'npm run pulumi -- up --stack prod'\.$/),
    ]);
  } finally {
    delete process.env["DOCKER_HOST"];
    engine.close();
  }
});

it("says what to do when an update fails before anything is made", async () => {
  const message = { diagnosticEvent: { severity: "error", message: "The port is taken." } };
  pulumi({ preview: [creation], up: [[message], "exit 255"] });
  const { code, errors, out } = await course("up --yes");
  expect(code).toBe(255);
  expect(errors).toEqual([
    "The port is taken.",
    "laterbase: 'pulumi up' failed, as said above. Nothing was changed. Fix the cause and run 'npm run pulumi -- up --stack prod'.",
  ]);
  expect(out.join()).not.toContain("Laterbase is up");
});

it("names a stack that does not exist", async () => {
  pulumi({ preview: [[], "echo 'error: no stack named prod' >&2; exit 6"] });
  expect((await course("preview")).errors).toEqual([
    "laterbase: there is no stack prod in https://example.com: 'npm run pulumi -- stack init prod' creates it.",
  ]);
});

it("says of a destroy that meets protected data what takes the stack down", async () => {
  const data = { urn: urn("data"), type: "t", protect: true };
  const said = { severity: "error", message: `Resource ${data.urn} cannot be deleted` };
  const state = JSON.stringify({ version: 3, deployment: { resources: [data] } });
  pulumi({
    destroy: [
      [said, { severity: "error", message: "No engine." }].map((one) => ({ diagnosticEvent: one })),
      "echo 'error: preview failed' >&2; exit 255",
    ],
    stack: [[], `echo '${state}'`],
  });
  const { errors } = await course("destroy --yes");
  expect(errors).toEqual([
    expect.stringMatching(/^The data of stack prod and their secrets are protected/),
    "No engine.",
  ]);
});

it("says how Pulumi ended where it gave no reason", async () => {
  pulumi({ preview: [creation, "kill -9 $$"] });
  expect(await course("up --yes")).toMatchObject({
    code: 1,
    errors: ["laterbase: pulumi was ended by SIGKILL and gave no reason."],
  });
  pulumi({ preview: [creation], up: [[], "exit 3"] });
  expect((await course("up --yes")).errors).toEqual([
    "laterbase: pulumi ended with exit code 3 and gave no reason.",
    "laterbase: 'pulumi up' failed, as said above. Nothing was changed. Fix the cause and run 'npm run pulumi -- up --stack prod'.",
  ]);
});

it("begins nothing when it was interrupted during the preview's last look", async () => {
  const soon = new AbortController();
  pulumi({ preview: [creation], up: [creation] });
  const act = (line: string) => void (line.startsWith("Changes of") && soon.abort("SIGINT"));
  const { code, errors, called } = await course("up --yes", { soon, act });
  expect([code, called]).toEqual([130, ["preview"]]);
  expect(errors).toEqual([
    "laterbase: the run was interrupted. Nothing was changed. 'npm run pulumi -- up --stack prod' goes on.",
  ]);
});

it("says in a sentence what stopped it, without a trace of its own", async () => {
  pulumi({ preview: [creation], stack: [[], "echo 'error: no space left' >&2; exit 255"] });
  const { code, errors, called } = await course("up --yes");
  expect([code, called]).toEqual([4, ["preview"]]);
  expect(errors).toEqual([
    "laterbase: The state of stack prod cannot be read (no space left).\nNothing was changed.",
  ]);
});

it("interrupts Pulumi and lets it end", async () => {
  const begun = join(folder, "begun");
  const wait = `trap 'echo interrupted >&2; exit 1' INT; >${begun}; while :; do sleep 0.1; done`;
  pulumi({ preview: [creation], up: [step("create", "network").slice(0, 1), wait] });
  const soon = new AbortController();
  const running = course("up --yes", { soon });
  await until("the update runs", () => Promise.resolve(existsSync(begun)));
  soon.abort("SIGINT");
  const { code, errors } = await running;
  expect(code).toBe(130);
  expect(errors).toEqual([
    "interrupted",
    "laterbase: the run was interrupted. What was made stays. 'npm run pulumi -- up --stack prod' goes on.",
  ]);
});

it("leaves its output to Pulumi when a program reads it", async () => {
  pulumi({ preview: [[]] });
  expect(await course("preview --json")).toMatchObject({
    code: 0,
    called: ["preview --json"],
    out: [],
  });
});
