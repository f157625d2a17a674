import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExportedState, StateResource } from "../../../scripts/cli/stack/exportedState";
import { FakePulumi } from "../../support/fakePulumi";
import { operatorRun } from "../../support/unit/operatorRun";

const file = `config:
  laterbase:bindAddress: 192.168.1.10
  laterbase:primary: { kind: managed, version: 17, port: 1, databases: [app], allowFrom: [192.168.1.0/24] }
  laterbase:standbys:
    - name: standby
      port: 2
    - name: far
      port: 3
      dockerHost: HOST
`;

// Nothing listens at a port that the system keeps for itself.
const goneHost = "tcp://127.0.0.1:1";

const stackUrn = "urn:pulumi:x::laterbase::pulumi:pulumi:Stack::laterbase-x";
const urn = (type: string, name: string) => `urn:pulumi:x::laterbase::${type}::${name}`;
const made = (type: string, name: string, more: Partial<StateResource> = {}): StateResource => ({
  ...{ urn: urn(type, name), type, parent: stackUrn, dependencies: [] },
  ...more,
});
const standbyType = "laterbase:index:Standby";
const commandType = "command:local:Command";

/** An engine, as components/kit/engine.ts declares it. */
function engineIn(name: string, host: string): StateResource[] {
  const provider = made("pulumi:providers:docker", name, { inputs: host ? { host } : {} });
  const on = { provider: `${provider.urn}::id` };
  return [
    provider,
    made("docker:index/network:Network", `${name}-network`, {
      ...on,
      outputs: { name: "laterbase-x" },
    }),
    made("docker:index/remoteImage:RemoteImage", `${name}-image`, {
      ...on,
      outputs: { name: `laterbase/postgres:17-${name}` },
    }),
    made(commandType, `${name}-process-limits`, {
      inputs: { environment: { LATERBASE_ENGINE: host } },
    }),
  ];
}

/** A standby with its data, its container and a step that waits for it. */
function standbyIn(name: string, engine: string): StateResource[] {
  const standby = made(standbyType, name);
  const on = { provider: `${urn("pulumi:providers:docker", engine)}::id`, parent: standby.urn };
  const data = { outputs: { name: `laterbase-x-${name}-data` }, protect: true };
  return [
    standby,
    made("docker:index/volume:Volume", `${name}-data`, { ...on, ...data }),
    made("docker:index/container:Container", `${name}-container`, {
      ...on,
      outputs: { name: `laterbase-x-${name}` },
    }),
    made(commandType, `${name}-ready`, { parent: standby.urn }),
  ];
}

/** Steps on the primary that begin at an engine. */
function stepsFrom(engine: string, host: string): StateResource[] {
  const preparation = made("laterbase:index:PreparedPrimary", "preparation");
  const environment = {
    LATERBASE_ENGINE: host,
    LATERBASE_IMAGE: `laterbase/postgres:17-${engine}`,
    LATERBASE_NETWORK: "laterbase-x",
  };
  const image = urn("docker:index/remoteImage:RemoteImage", `${engine}-image`);
  const step = (name: string) =>
    made(commandType, name, {
      parent: preparation.urn,
      dependencies: [preparation.urn, image],
      propertyDependencies: { environment: [image], create: [] },
      inputs: { create: "apply", delete: "remove", environment },
      outputs: { environment, stdout: "done" },
    });
  return [preparation, step("preparation-role"), step("preparation-slot-far")];
}

const stateOf = (...resources: StateResource[][]): ExportedState => ({
  deployment: { resources: resources.flat() },
});

let pulumi: FakePulumi;
beforeEach(() => {
  pulumi = new FakePulumi();
  pulumi.logIn();
});
afterEach(() => pulumi.remove());

async function run(state: ExportedState, words: string[], typed?: string, host = goneHost) {
  const raw = {
    primary: {
      ...{ kind: "managed", version: 17, port: 1, databases: ["app"] },
      allowFrom: ["192.168.1.0/24"],
    },
    bindAddress: "192.168.1.10",
    standbys: [
      { name: "standby", port: 2 },
      { name: "far", port: 3, dockerHost: host },
    ],
  };
  const config = Object.entries(raw).map(([key, value]) => [
    `laterbase:${key}`,
    { value: typeof value === "string" ? value : JSON.stringify(value) },
  ]);
  pulumi.does(`case "$1 $2" in
    "stack export") echo '${JSON.stringify(state)}' ;;
    "config --json") echo '${JSON.stringify(Object.fromEntries(config))}' ;;
    "stack import") note ;;
  esac`);
  const before = file.replace("HOST", host);
  writeFileSync("Pulumi.x.yaml", before);
  const ran = await operatorRun(["forget", ...words, "--engine-gone"], { stack: {}, typed });
  const sent = pulumi.calls().find((call) => call.startsWith("< "));
  const imported = sent ? (JSON.parse(sent.slice(2)) as ExportedState) : undefined;
  return {
    ...ran,
    changed: readFileSync("Pulumi.x.yaml", "utf8") !== before,
    imported: imported?.deployment.resources ?? [],
  };
}

const namesOf = (resources: readonly StateResource[]) =>
  resources.map((one) => one.urn.slice(one.urn.lastIndexOf("::") + 2));

it("takes the standby and its engine out of the state, and lets the steps begin at the other engine", async () => {
  const state = stateOf(
    engineIn("local", ""),
    engineIn("gone", goneHost),
    stepsFrom("gone", goneHost),
    standbyIn("standby", "local"),
    standbyIn("far", "gone"),
  );
  const { code, printed, questions, imported, changed } = await run(state, ["far"], "far");
  expect([code, changed]).toEqual([0, true]);
  expect(questions).toEqual([
    `The engine ${goneHost} does not answer: nothing listens at its address. The stack forgets what it has there, and stops and deletes nothing on that machine.\nType the standby's name, far, to go on: `,
  ]);
  expect(namesOf(imported)).toEqual([
    ...["local", "local-network", "local-image", "local-process-limits"],
    ...["preparation", "preparation-role", "preparation-slot-far"],
    ...["standby", "standby-data", "standby-container", "standby-ready"],
  ]);
  const slot = imported.find(({ urn: own }) => own.endsWith("::preparation-slot-far"))!;
  const environment = {
    LATERBASE_ENGINE: "",
    LATERBASE_IMAGE: "laterbase/postgres:17-local",
    LATERBASE_NETWORK: "laterbase-x",
  };
  expect([slot.inputs, slot.outputs]).toEqual([
    { create: "apply", delete: "remove", environment },
    { environment, stdout: "done" },
  ]);
  expect(JSON.stringify(imported)).not.toContain("gone");
  expect(printed).toBe(
    [
      "Pulumi.x.yaml no longer has far.",
      `Its engine ${goneHost} did not answer: nothing listens at its address. The state has nothing of far any more.`,
      "What comes next: 'npm run pulumi -- up --stack x' removes its slot laterbase_far_slot on the primary.",
      "Should that machine come back, its container still runs there. To remove it, and the data:",
      `  docker --host ${goneHost} rm --force laterbase-x-far`,
      `  docker --host ${goneHost} volume rm laterbase-x-far-data`,
    ].join("\n"),
  );
});

it("keeps the engine while another standby is on it, and names that one", async () => {
  const state = stateOf(
    engineIn("local", ""),
    engineIn("gone", goneHost),
    standbyIn("standby", "gone"),
    standbyIn("far", "gone"),
  );
  const { code, imported, printed } = await run(state, ["far"], "far");
  expect(printed).toContain(
    "What comes next: 'npm run laterbase -- forget standby --stack x --engine-gone', because 'up' fails while something is on that engine.",
  );
  expect([code, namesOf(imported)]).toEqual([
    0,
    [
      ...["local", "local-network", "local-image", "local-process-limits"],
      ...["gone", "gone-network", "gone-image", "gone-process-limits"],
      ...["standby", "standby-data", "standby-container", "standby-ready"],
    ],
  ]);
});

describe("changes nothing", () => {
  const far = [engineIn("local", ""), engineIn("gone", goneHost), standbyIn("far", "gone")];

  it.each([
    ["another answer", stateOf(...far), ["far"], "yes", 4, "confirm"],
    [
      "another part",
      stateOf(...far, [made("laterbase:index:PgAdmin", "pgadmin")]),
      ["pgAdmin"],
      undefined,
      2,
      "pgAdmin is none",
    ],
    ["--data", stateOf(...far), ["far", "--data"], undefined, 2, "cannot be used with"],
    [
      "no standby in the state",
      stateOf(engineIn("local", "")),
      ["far"],
      undefined,
      4,
      "nothing of far on an engine",
    ],
    [
      // An external primary has nothing else there.
      "the stack's own engine",
      stateOf(engineIn("local", ""), standbyIn("standby", "local")),
      ["standby"],
      undefined,
      4,
      "standby is on the stack's own engine",
    ],
    [
      "an engine that holds another part, although the file names another one",
      stateOf(engineIn("local", ""), engineIn("gone", goneHost), standbyIn("far", "gone"), [
        made("docker:index/container:Container", "agent-container", {
          provider: `${urn("pulumi:providers:docker", "gone")}::id`,
        }),
      ]),
      ["far"],
      undefined,
      4,
      "far is on the stack's own engine",
    ],
    [
      "steps that could begin nowhere",
      stateOf(engineIn("gone", goneHost), stepsFrom("gone", goneHost), standbyIn("far", "gone")),
      ["far"],
      undefined,
      4,
      "has no image and network on the stack's own engine",
    ],
  ])("with %s", async (_what, state, words, typed, exit, sentence) => {
    const { code, imported, changed, printed, said } = await run(state, words, typed);
    expect([code, imported, changed]).toEqual([exit, [], false]);
    expect(`${printed}${said}`).toContain(sentence);
  });

  it("where this machine cannot ask the engine", async () => {
    const host = "unix:///nowhere/docker.sock";
    const state = stateOf(engineIn("local", ""), engineIn("far", host), standbyIn("far", "far"));
    const { code, imported, changed, said } = await run(state, ["far"], "far", host);
    expect([code, imported, changed]).toEqual([4, [], false]);
    expect(said).toContain(
      `Nobody knows whether the engine ${host} is gone, because this machine cannot ask it: nothing is at its address.`,
    );
  });

  it("while the engine answers, also where it refuses", async () => {
    const engine: Server = createServer((_, response) => void response.writeHead(403).end());
    engine.listen(0, "127.0.0.1");
    await once(engine, "listening");
    const host = `tcp://127.0.0.1:${(engine.address() as AddressInfo).port}`;
    const state = stateOf(engineIn("local", ""), engineIn("far", host), standbyIn("far", "far"));
    const { code, imported, changed, said } = await run(state, ["far"], "far", host);
    engine.close();
    expect([code, imported, changed]).toEqual([4, [], false]);
    expect(said).toContain(`The engine ${host} answers: run the command without --engine-gone`);
  });
});
