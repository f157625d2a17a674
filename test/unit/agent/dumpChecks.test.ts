import { checkArchive, checkSize } from "../../../scripts/agent/dump/checks";
import type { FinishedDump } from "../../../scripts/agent/dump/finished";
import type { Manifest } from "../../../contract/manifest";

const MB = 1 << 20;
const of = (bytes: number, rows: Record<string, number>, largeObjects = 0) =>
  ({
    files: [{ kind: "dump", name: "app.backup", bytes, sha256: "" }],
    tables: Object.entries(rows).map(([name, count]) => ({ schema: "public", name, rows: count })),
    largeObjects: { count: largeObjects, checksum: "0" },
  }) as unknown as Manifest;
const last = (...args: Parameters<typeof of>): FinishedDump => ({
  id: "app/20261121T030000Z",
  manifest: of(...args),
  signature: "ours" as const,
});

test("a dump of about the size of the last good one", () => {
  expect(checkSize(of(100 * MB, { a: 9 }), undefined)).toBeUndefined();
  expect(checkSize(of(100 * MB, { a: 9 }), last(90 * MB, { a: 9 }))).toBeUndefined();
  expect(checkSize(of(20 * MB, { a: 9 }), last(100 * MB, { a: 9 }))).toBeUndefined();
});

test("a much smaller one with the same rows is refused", () => {
  expect(() => checkSize(of(19 * MB, { a: 9 }), last(100 * MB, { a: 9 }))).toThrow(
    "The dump has only 19.0 % of the size of app/20261121T030000Z although no table lost most of its rows; if that is right, make one with --accept-smaller.",
  );
});

test("rows that are gone explain it", () => {
  const before = last(100 * MB, { a: 9, b: 1000 }, 10);
  expect(checkSize(of(MB, { a: 9, b: 3 }, 10), before)).toBe(
    "It has 1.0 % of the size of app/20261121T030000Z: table public.b had 1000 rows and has 3 rows.",
  );
  expect(checkSize(of(MB, { a: 9 }, 10), before)).toContain("had 1000 rows and is gone.");
  expect(checkSize(of(MB, { a: 9, b: 1000 }, 2), before)).toContain(
    "of 10 large objects 2 are left",
  );
});

test("a dump of nothing but definitions may change", () => {
  expect(checkSize(of(1000, {}), last(MB - 1, {}))).toBeUndefined();
});

test("an archive that cannot be read back is a fault of the folder, and no reason to dump again", async () => {
  const { signal } = new AbortController();
  await expect(checkArchive("/nowhere/app.backup", [], of(1, {}), signal)).rejects.toMatchObject({
    name: "Failure",
    code: "own-disk",
  });
});
