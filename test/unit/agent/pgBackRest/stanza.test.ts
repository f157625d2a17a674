import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../../scripts/agent/kit/context";
import * as command from "../../../../scripts/agent/pgBackRest/command";
import { ensureStanza } from "../../../../scripts/agent/pgBackRest/ensureStanza";
import type { Look } from "../../../../scripts/agent/pgBackRest/look";

jest.mock("../../../../scripts/agent/pgBackRest/command", () => ({
  ...jest.requireActual<object>("../../../../scripts/agent/pgBackRest/command"),
  pgBackRest: jest.fn(() => Promise.resolve({ code: 0, stdout: "" })),
}));

const records = mkdtempSync(join(tmpdir(), "lbt-stanza-"));
afterAll(() => rmSync(records, { recursive: true }));

const context = {
  config: { major: 17, backups: { stanza: "main" } },
  paths: { records },
  log: () => undefined,
} as unknown as Context;

const look = (number: number, status?: number, ...versions: string[]) =>
  ({
    repository: { number, location: "here" },
    ...(status === undefined ? {} : { info: { status, versions, message: "", backups: [] } }),
  }) as unknown as Look;

/** The commands that pgBackRest was given, without the name of the folder that is thrown away. */
const commands = () =>
  jest
    .mocked(command.pgBackRest)
    .mock.calls.map(([, words]) => words.map((word) => word.replace(/=\/.*\//, "=…/")));

beforeEach(() => jest.clearAllMocks());

it.each([
  ["is there", [look(1, 0, "17"), look(2, 2, "17")]],
  ["was upgraded by hand", [look(1, 0, "15", "17")]],
  ["is in a repository that does not answer", [look(1)]],
])("leaves a stanza that %s alone", async (_name, looks) => {
  expect(await ensureStanza(context, looks)).toBe(false);
  expect(commands()).toEqual([]);
});

it.each([1, 3])("creates the stanza in a repository of the status %s", async (status) => {
  expect(await ensureStanza(context, [look(1, 0, "17"), look(2, status)])).toBe(true);
  expect(commands()).toEqual([["stanza-create"]]);
});

it.each(["15", "18"])(
  "refuses the stanza of a server of %s, and never upgrades it",
  async (version) => {
    await expect(ensureStanza(context, [look(1, 0, "17"), look(2, 0, version)])).rejects.toThrow(
      `Repository 2 (here) belongs to another server: its stanza is of PostgreSQL ${version}, and this one is 17. ` +
        "Give laterbase:backups.stanza another name, or the repository another place.",
    );
    expect(commands()).toEqual([]);
  },
);

it("creates the stanza beside a repository of another server, and one that is away", async () => {
  expect(await ensureStanza(context, [look(1, 1), look(2, 0, "15"), look(3)])).toBe(true);
  expect(commands()).toEqual([
    [
      ...["stanza-create", "--repo2-type=posix", "--repo2-path=…/2"],
      ...["--repo3-type=posix", "--repo3-path=…/3"],
    ],
  ]);
});

describe("a repository that held backups and is empty now", () => {
  const empty = { status: 1, versions: [], message: "", backups: [] };
  const at = (number: number, location: string, labels?: string[]) =>
    ({
      repository: { number, location },
      info: labels
        ? { ...empty, status: 0, versions: ["17"], backups: labels.map((label) => ({ label })) }
        : empty,
    }) as unknown as Look;

  beforeEach(async () => {
    await ensureStanza(context, [
      at(1, "/mnt/usb", ["20261122-020000F", "20261129-020000F"]),
      at(2, "bucket"),
    ]);
    jest.clearAllMocks();
  });

  it("gets no stanza: its disk may not be mounted", async () => {
    await expect(ensureStanza(context, [at(1, "/mnt/usb"), look(2, 0, "17")])).rejects.toThrow(
      "Repository 1 (/mnt/usb) held backups, the newest of them 20261129-020000F, and there is nothing of them now. Look whether its disk is mounted",
    );
    expect(commands()).toEqual([]);
    // Another one that lacks it gets it.
    expect(await ensureStanza(context, [at(1, "/mnt/usb"), at(2, "bucket")])).toBe(true);
    expect(commands()).toEqual([["stanza-create", "--repo1-type=posix", "--repo1-path=…/1"]]);
  });

  it("gets one at another place, and as another stanza", async () => {
    expect(await ensureStanza(context, [at(1, "/mnt/other")])).toBe(true);
    const config = { ...context.config, backups: { stanza: "second" } };
    expect(await ensureStanza({ ...context, config } as Context, [at(1, "/mnt/usb")])).toBe(true);
  });
});
