import type { RebuildLook } from "../../../scripts/cli/servers/rebuild";

/** What the container's programs print. */
const said = { look: {} as RebuildLook, health: "" };
/** How often it was waited between two turns. */
let turns = 0;

jest.mock("node:timers/promises", () => ({
  setTimeout: () => new Promise((resolve) => setImmediate(() => resolve(turns++))),
}));
jest.mock("../../../scripts/engine/connect", () => ({ connect: () => ({}) }));
jest.mock("../../../scripts/engine/exec", () => ({
  execIn: (_engine: unknown, _name: string, words: readonly string[]) => {
    const stdout = words[0] === "laterbase-health" ? said.health : JSON.stringify(said.look);
    return Promise.resolve({ code: 0, stdout, stderr: "" });
  },
}));

// eslint-disable-next-line import/first -- the doubles come first
import { lookAtStandby, rebuildStandby } from "../../../scripts/cli/servers/rebuild";

const look: RebuildLook = {
  ...{ dataKb: 1, freeKb: 1, clients: 0, promoted: false, wanted: false, failures: 0 },
};
const running = JSON.stringify({ state: "running", detail: "", since: "2026-01-01T00:00:00Z" });

const rebuilt = () => rebuildStandby({ name: "x-standby" }, "keep", () => undefined);

it("a standby that streams has its new clone", async () => {
  Object.assign(said, { look, health: running });
  await expect(rebuilt()).resolves.toBeUndefined();
});

it("one that was promoted meanwhile has none, and this says so", async () => {
  Object.assign(said, { look: { ...look, promoted: true }, health: running });
  await expect(rebuilt()).rejects.toThrow(
    "x-standby was promoted while its clone was made: it keeps its data, and there is no new clone.",
  );
});

it("a look says why a standby is blocked", async () => {
  const standby = { name: "x-standby" };
  Object.assign(said, { look, health: running });
  expect(await lookAtStandby(standby)).toEqual(look);
  said.health = JSON.stringify({ state: "blocked", detail: "set back", since: "" });
  expect(await lookAtStandby(standby)).toEqual({ ...look, blocked: "set back" });
});

describe("a standby that waits", () => {
  const recloning = (detail: string) =>
    JSON.stringify({ state: "recloning", detail, since: "2026-01-01T00:00:00Z" });
  const wanted = { ...look, wanted: true };

  it("is left to itself after ten minutes without an answer of its primary", async () => {
    turns = 0;
    Object.assign(said, { look: wanted, health: recloning("10.0.0.7:5432 does not answer") });
    await expect(rebuilt()).rejects.toThrow(
      "x-standby has waited for ten minutes (recloning: 10.0.0.7:5432 does not answer), and goes on by itself.",
    );
    expect(turns).toBe(600);
  });

  it("is waited for while it copies", async () => {
    turns = 0;
    Object.assign(said, { look: wanted, health: recloning("1 % of 9000000 MB") });
    const interruption = new AbortController();
    const ended = rebuildStandby(
      { name: "x-standby" },
      "keep",
      () => undefined,
      interruption.signal,
    );
    const failed = expect(ended).rejects.toThrow("Interrupted: x-standby goes on");
    while (turns < 700) await new Promise((resolve) => setImmediate(resolve));
    interruption.abort();
    await failed;
  });
});
