import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { updateFollows } from "../../../contract/updateFollows";
import { runAsRoot } from "../../../scripts/engine/rootScript";
import { answering } from "../../../scripts/primary/observe/answering";
import { hadPrimary, knowsPrimary } from "../../../scripts/primary/observe/hadPrimary";
import { emptyPrimary } from "../../../scripts/primary/observe/emptyPrimary";
import { refusal } from "../../../scripts/primary/observe/lostPrimary";

jest.mock("../../../scripts/primary/observe/answering", () => ({ answering: jest.fn() }));
jest.mock("../../../scripts/engine/rootScript", () => ({ runAsRoot: jest.fn() }));
const engineOf = jest.mocked(answering);

const standby = {
  kind: "standby",
  standby: "standby",
  volume: "laterbase-dev-standby-data",
} as const;
const dumps = { kind: "dumps", volume: "laterbase-dev-agent-records" } as const;
const volume = "laterbase-dev-primary-data";

it("says where copies of the primary's data are, and every way out", () => {
  expect(refusal({ volume, copies: [standby, dumps], stack: "dev" })).toEqual([
    'The primary has no data: its volume laterbase-dev-primary-data is missing or empty. There are copies: the standby "standby" (volume laterbase-dev-standby-data), dumps of this stack.',
    "Nothing was changed, because a new primary would be empty.",
    "To get back the rows that the standby had received, copy its data into the volume as docs/failures.md#the-primary-has-no-data shows.",
    "To go back to a dump, run 'LATERBASE_EMPTY_PRIMARY=yes npm start', then 'npm run laterbase -- restore-dump <database> --in-place --create-roles'.",
    "To begin with an empty primary, run 'LATERBASE_EMPTY_PRIMARY=yes npm start'.",
  ]);
});

it("offers what there is, by the commands of the stack", () => {
  expect(refusal({ volume, copies: [dumps], stack: "prod" }).slice(1)).toEqual([
    "Nothing was changed, because a new primary would be empty.",
    "To go back to a dump, run 'LATERBASE_EMPTY_PRIMARY=yes npm run pulumi -- up --refresh --stack prod', then 'npm run laterbase -- restore-dump <database> --in-place --create-roles --stack prod'.",
    "To begin with an empty primary, run 'LATERBASE_EMPTY_PRIMARY=yes npm run pulumi -- up --refresh --stack prod'.",
  ]);
});

it("names the restore where there are backups, whose stanza an empty primary cannot use", () => {
  expect(refusal({ volume, copies: [dumps], stack: "prod", backedUp: true })).toEqual([
    expect.stringContaining("dumps of this stack"),
    "Nothing was changed, because a new primary would be empty.",
    "To go back to what the backups hold, run 'npm run laterbase -- restore --stack prod', which shows what it does first.",
    "To go back to a dump, set laterbase:backups.stanza to another name, then run 'LATERBASE_EMPTY_PRIMARY=yes npm run pulumi -- up --refresh --stack prod', then 'npm run laterbase -- restore-dump <database> --in-place --create-roles --stack prod'.",
    "To begin with an empty primary, set laterbase:backups.stanza to another name, then run 'LATERBASE_EMPTY_PRIMARY=yes npm run pulumi -- up --refresh --stack prod'.",
  ]);
});

it("asks no engine about an external primary", async () => {
  const external = { primary: { kind: "external" }, standbys: [], dockerHost: "tcp://127.0.0.1:1" };
  const name = { project: "laterbase", stack: "dev" };
  const nothing = { refused: [] };
  expect(await emptyPrimary(external, name, "image")).toEqual(nothing);
  // An engine that does not answer is the provider's to report.
  engineOf.mockResolvedValue(undefined);
  const managed = { ...external, primary: { kind: "managed" } };
  expect(await emptyPrimary(managed, name, "image")).toEqual(nothing);
});

describe("a primary without a container", () => {
  const gone = { inspect: () => Promise.reject(Object.assign(new Error(), { statusCode: 404 })) };
  const there = { inspect: () => Promise.resolve({}) };
  const alone = { primary: { kind: "managed" }, standbys: [] };
  const names = { project: "laterbase", stack: "dev" };
  const look = (had = false, preview = false) =>
    emptyPrimary(alone, names, "image", { preview, had: () => Promise.resolve(had) });
  const engine = (data: object, image = false) =>
    engineOf.mockResolvedValue({
      getContainer: () => gone,
      getImage: () => (image ? there : gone),
      getVolume: (name: string) => (name === volume ? data : gone),
    } as never);
  afterEach(() => jest.useRealTimers());

  it("is looked at each time that it has no data, also when it had none before", async () => {
    engine(gone);
    const sentences = [];
    for (const time of ["2026-11-01T10:00:00Z", "2026-12-01T10:00:00Z"]) {
      jest.useFakeTimers({ now: new Date(time) });
      sentences.push(await look());
    }
    expect(sentences).toEqual([
      { refused: [], empty: "the primary has no data (seen 2026-11-01T10:00:00Z)" },
      { refused: [], empty: "the primary has no data (seen 2026-12-01T10:00:00Z)" },
    ]);
  });

  it("is prepared anew too where somebody asked for an empty one, and then nothing refuses it", async () => {
    engine(gone);
    jest.useFakeTimers({ now: new Date("2026-11-01T10:00:00Z") });
    process.env["LATERBASE_EMPTY_PRIMARY"] = "yes";
    try {
      expect(await look(true)).toEqual({
        refused: [],
        empty: "the primary has no data (seen 2026-11-01T10:00:00Z)",
      });
    } finally {
      delete process.env["LATERBASE_EMPTY_PRIMARY"];
    }
  });

  // A laptop that sleeps may have the only copy.
  it("is not started empty while the engine of a standby does not answer", async () => {
    const engineHere = { getContainer: () => gone, getImage: () => gone, getVolume: () => gone };
    engineOf
      .mockReset()
      .mockImplementation((host) =>
        Promise.resolve(host === undefined ? (engineHere as never) : undefined),
      );
    const standbys = [{ name: "far", dockerHost: "ssh://media@nas.local" }];
    const far = (had: boolean, preview: boolean) =>
      emptyPrimary({ ...alone, standbys }, names, "image", {
        ...{ preview, had: () => Promise.resolve(had) },
      });
    expect((await far(true, false)).refused).toEqual([
      "The primary has no data: its volume laterbase-dev-primary-data is missing or empty, and the stack had a primary on this engine. If a disk of this machine is not mounted, mount it and restart Docker first.",
      'There may be a copy: the standby "far" (volume laterbase-dev-far-data). The engine ssh://media@nas.local does not answer, so nobody can see it now.',
      "Nothing was changed, because a new primary would be empty.",
      "To get back the rows that the standby had received, copy its data into the volume as docs/failures.md#the-primary-has-no-data shows.",
      "To begin with an empty primary, run 'LATERBASE_EMPTY_PRIMARY=yes npm start'.",
    ]);
    // An engine that wakes up has time to answer. The one of the primary is asked once.
    expect(engineOf.mock.calls).toEqual([
      [undefined, 30_000],
      ["ssh://media@nas.local", 30_000],
    ]);
    expect(await far(true, true)).toEqual({
      refused: [],
      warned: expect.stringMatching(/^The primary has no data on the engine of this preview: /),
    });
    // The preview of an `up` on this machine refuses what its update would.
    process.env[updateFollows] = "yes";
    expect((await far(true, true)).refused).toHaveLength(5);
    delete process.env[updateFollows];
    // A new stack has no copies.
    expect(await far(false, false)).toEqual({
      refused: [],
      empty: expect.stringContaining("the primary has no data"),
    });
  });

  it("is looked for by the stack's whole name, and on the engine that answered once", async () => {
    const engineHere = { getContainer: () => gone, getImage: () => there, getVolume: () => there };
    engineOf.mockReset().mockResolvedValueOnce(engineHere as never);
    jest.mocked(runAsRoot).mockResolvedValue({ code: 3, stdout: "", stderr: "" });
    const asked: unknown[] = [];
    const had = (...words: unknown[]) => Promise.resolve(Boolean(asked.push(words)));
    const config = { ...alone, dockerHost: "ssh://nas" };
    const whole = { ...names, organization: "acme" };
    const backups = { repositories: [{ type: "posix" }] };
    const backedUp = await emptyPrimary({ ...config, backups }, whole, "image", { had });
    // The agent has the volume too.
    expect(backedUp.refused.at(-1)).toContain(
      "run 'docker --host ssh://nas rm --force laterbase-dev-agent && docker --host ssh://nas volume rm laterbase-dev-primary-data', which",
    );
    asked.length = 0;
    engineOf.mockReset().mockResolvedValueOnce(engineHere as never);
    expect((await emptyPrimary(config, whole, "image", { had })).refused.at(-1)).toBe(
      "To begin with an empty primary, run 'docker --host ssh://nas volume rm laterbase-dev-primary-data', which removes the volume without data, then run 'LATERBASE_EMPTY_PRIMARY=yes npm start'.",
    );
    expect(asked).toEqual([["acme/laterbase/dev", "ssh://nas"]]);
  });

  it("stops no preview where only the stack's state says that it had one", async () => {
    engine(gone);
    expect(await look(true, true)).toEqual({
      refused: [],
      warned:
        "The primary has no data on the engine of this preview: its volume laterbase-dev-primary-data is missing or empty, and the stack had a primary there. Where 'up' finds the same, it stops before it changes anything.",
    });
  });

  it("is not started empty where nobody knows whether the stack had one", async () => {
    engine(gone);
    const unknown = (preview: boolean) =>
      emptyPrimary(alone, names, "image", { preview, had: () => Promise.resolve(undefined) });
    expect((await unknown(false)).refused[0]).toBe(
      "The primary has no data: its volume laterbase-dev-primary-data is missing or empty, and the stack's state cannot be read, so nobody knows whether it had a primary. 'npm run pulumi -- stack --stack dev' says why. If a disk of this machine is not mounted, mount it and restart Docker first.",
    );
    expect((await unknown(true)).warned).toContain("the stack's state cannot be read");
  });

  it("is not started empty where the stack had one, also without any copy", async () => {
    engine(gone);
    expect((await look(true)).refused).toEqual([
      "The primary has no data: its volume laterbase-dev-primary-data is missing or empty, and the stack had a primary on this engine. If a disk of this machine is not mounted, mount it and restart Docker first.",
      "Nothing was changed, because a new primary would be empty.",
      "To begin with an empty primary, run 'LATERBASE_EMPTY_PRIMARY=yes npm start'.",
    ]);
    expect((await look(false)).refused).toEqual([]);
  });

  it("has its data under another name where a restore in place was stopped between two renames", async () => {
    engine(there, true);
    let words: readonly string[] = [];
    jest.mocked(runAsRoot).mockImplementation((_, run) => {
      if (run.mounts[0]?.volume === volume) ({ words } = run);
      return Promise.resolve({ code: 0, stdout: "", stderr: "" });
    });
    expect(await look()).toEqual({
      refused: [],
      gone: expect.stringContaining("the primary's container is gone (seen "),
    });
    expect(words).toEqual(["data/PG_VERSION", "data.before-restore/PG_VERSION", "restore.json"]);
  });

  it("is looked at where no image is there yet to look into its volume", async () => {
    engine(there);
    jest.useFakeTimers({ now: new Date("2026-11-01T10:00:00Z") });
    expect(await look()).toEqual({
      refused: [],
      empty: "nothing says yet whether the primary has data (seen 2026-11-01T10:00:00Z)",
    });
  });
});

it("reads of a state whether a primary worked on this engine", () => {
  const state = (name: string, host: string) => ({
    deployment: {
      resources: [
        { urn: "urn:pulumi:dev::laterbase::pulumi:pulumi:Stack::laterbase-dev" },
        {
          urn: `urn:pulumi:dev::laterbase::laterbase:index:Laterbase$command:local:Command::${name}`,
          inputs: { environment: { LATERBASE_ENGINE: host } },
        },
      ],
    },
  });
  expect(knowsPrimary(state("primary-ready", ""), undefined)).toBe(true);
  expect(knowsPrimary(state("primary-ready", "ssh://nas"), "ssh://nas")).toBe(true);
  // The stack moves to another engine, where it begins anew.
  expect(knowsPrimary(state("primary-ready", ""), "ssh://nas")).toBe(false);
  expect(knowsPrimary(state("standby-ready", ""), undefined)).toBe(false);
  expect(knowsPrimary({ deployment: null }, undefined)).toBe(false);
});

it("tells a stack that does not exist from a state that cannot be read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "laterbase-"));
  const pulumi = join(folder, "pulumi");
  const asks = (script: string) => {
    writeFileSync(pulumi, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return hadPrimary("organization/laterbase/dev", undefined, pulumi);
  };
  try {
    expect(await asks("exit 6")).toBe(false);
    expect(await asks("echo '{}'")).toBe(false);
    expect(await asks("exit 1")).toBeUndefined();
    expect(await asks("echo nothing")).toBeUndefined();
    expect(await hadPrimary("dev", undefined, join(folder, "none"))).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
