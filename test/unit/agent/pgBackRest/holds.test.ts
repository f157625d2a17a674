import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../../scripts/agent/kit/context";
import { isHeld, noteHold } from "../../../../scripts/agent/pgBackRest/holds";

const id = "0123456789abcdef";
const other = "fedcba9876543210";
let context: Context;
let now = Date.parse("2026-11-29T12:00:00Z");

beforeEach(() => {
  context = { paths: { records: mkdtempSync(join(tmpdir(), "lbt-holds-")) } } as Context;
  now = Date.parse("2026-11-29T12:00:00Z");
  jest.spyOn(Date, "now").mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(context.paths.records, { recursive: true });
});

it("holds until its time is over, without an end of its own", async () => {
  expect(await isHeld(context)).toBe(false);
  await noteHold(context, { id, seconds: 180 });
  now += 179_999;
  expect(await isHeld(context)).toBe(true);
  now += 1;
  expect(await isHeld(context)).toBe(false);
});

it("is renewed, and ends with the restore", async () => {
  await noteHold(context, { id, seconds: 180 });
  now += 120_000;
  await noteHold(context, { id, seconds: 180 });
  now += 120_000;
  expect(await isHeld(context)).toBe(true);
  await noteHold(context, { id, seconds: 0 });
  expect(await isHeld(context)).toBe(false);
});

it("stays for another restore", async () => {
  await noteHold(context, { id, seconds: 180 });
  await noteHold(context, { id: other, seconds: 180 });
  await noteHold(context, { id, seconds: 0 });
  expect(await isHeld(context)).toBe(true);
});

it("is none after the clock was set back, or where its file is damaged", async () => {
  await noteHold(context, { id, seconds: 180 });
  now -= 24 * 3_600_000;
  expect(await isHeld(context)).toBe(false);
  now += 24 * 3_600_000;
  writeFileSync(join(context.paths.records, `restore-at-work-${id}`), "");
  expect(await isHeld(context)).toBe(false);
});

it("leaves no file of a restore that was killed", async () => {
  await noteHold(context, { id, seconds: 180 });
  now += 180_000 + 600_001;
  expect(await isHeld(context)).toBe(false);
  expect(readdirSync(context.paths.records)).toEqual([]);
});

it.each([
  { id: "../../../etc/x", seconds: 180 },
  { id, seconds: 601 },
  { id, seconds: -1 },
  { id, seconds: "180" },
  {},
])("refuses %j", async (args) => {
  await expect(noteHold(context, args)).rejects.toThrow(
    "What a restore holds is not given as it should be.",
  );
  expect(readdirSync(context.paths.records)).toEqual([]);
});
