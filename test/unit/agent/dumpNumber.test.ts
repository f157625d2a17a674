import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentFiles } from "../../../contract/agentPaths";
import { finishedDumps, listDumps } from "../../../scripts/agent/dump/finished";
import { newPartial, removeDump, takeBackups } from "../../../scripts/agent/dump/folders";
import { takeNumber } from "../../../scripts/agent/dump/number";
import { publish } from "../../../scripts/agent/dump/publish";
import { findDump } from "../../../scripts/agent/restore/findDump";
import type { Context } from "../../../scripts/agent/kit/context";
import { wholeManifest } from "../../support/unit/wholeManifest";

let root: string;
let context: Context;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lbt-number-"));
  const paths = { backups: root, records: join(root, ".records"), etc: root, run: root };
  context = { config: { stack: "dev" }, paths, log: () => undefined } as unknown as Context;
  writeFileSync(join(root, agentFiles.manifestKey), "key of the stack");
  await takeBackups(context);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Publishes a dump as a run does, taken at this time. */
async function make(takenAt: string, name = "app"): Promise<string> {
  const partial = await newPartial(context, "x");
  writeFileSync(join(partial, "x.backup"), "abc");
  const dumps = await finishedDumps(context);
  const number = await takeNumber(context, Math.max(0, ...dumps.map((one) => one.number ?? 0)));
  return publish(context, partial, {
    ...{ ...wholeManifest, takenAt, number },
    database: { ...wholeManifest.database, name },
    files: [{ kind: "dump", name: "x.backup", bytes: 3, sha256: "ab".repeat(32) }],
  });
}
const numbers = async () =>
  (await listDumps(context)).map(({ id, number }) => [id.replace(/\/.*/, ""), number]);

it("counts all dumps of the stack, and the newest is the last one whatever the clock said", async () => {
  await make("2036-11-21T03:00:00.000Z");
  await make("2026-11-21T03:00:00.000Z", "other");
  const last = await make("2026-11-21T04:00:00.000Z");
  expect(await numbers()).toEqual([
    ["app", 3],
    ["other", 2],
    ["app", 1],
  ]);
  expect((await findDump(context, "app")).id).toBe(last);
});

it("gives the number of a removed dump to no other, also when its count is lost or spoilt", async () => {
  await make("2026-11-21T03:00:00.000Z");
  const second = await make("2026-11-21T04:00:00.000Z");
  await removeDump(context, second);
  await make("2026-11-21T05:00:00.000Z");
  expect(await numbers()).toEqual([
    ["app", 3],
    ["app", 1],
  ]);
  for (const content of ["", "many\n", "99999999999999999999\n"]) {
    writeFileSync(join(root, ".records/dump.number"), content);
    await make("2026-11-21T06:00:00.000Z");
  }
  expect((await numbers()).map(([, number]) => number)).toEqual([6, 5, 4, 3, 1]);
  expect(readFileSync(join(root, ".records/dump.number"), "utf8")).toBe("6\n");
});

it("believes no number that this stack did not sign", async () => {
  const first = await make("2026-11-21T03:00:00.000Z");
  const forged = await make("2026-11-21T02:00:00.000Z");
  const file = join(root, forged, "manifest.json");
  const content = readFileSync(file, "utf8");
  writeFileSync(file, content.replace('"number": 2', '"number": 9007199254740991'));
  rmSync(join(root, forged, "manifest.sig"));
  expect((await listDumps(context)).map(({ id, number }) => [id, number])).toEqual([
    [first, 1],
    [forged, undefined],
  ]);
  expect(await takeNumber(context, 1)).toBe(3);
});

it("says which dump lies in the future", async () => {
  await make("2026-11-21T03:00:00.000Z");
  const future = await make(new Date(Date.now() + 3600_000).toISOString());
  await make(new Date(Date.now() + 5_000).toISOString());
  const said: string[] = [];
  const listed = await listDumps(context, undefined, (sentence) => said.push(sentence));
  expect(listed.map((dump) => dump.future ?? false)).toEqual([false, true, false]);
  expect(said).toEqual([
    expect.stringContaining(`${future} lies in the future: the clock of the agent's machine`),
  ]);
});
