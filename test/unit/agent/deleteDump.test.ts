import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deleteDump } from "../../../scripts/agent/dump/deleteDump";
import { whileReading } from "../../../scripts/agent/dump/reading";
import { DumpsFolder } from "../../support/unit/dumpsFolder";

let dumps: DumpsFolder;
beforeEach(() => {
  dumps = new DumpsFolder();
  dumps.add("app/20261121T030000Z", "app", "2026-11-21T03:00:00.000Z");
  dumps.add("app/20261122T030000Z", "app", "2026-11-22T03:00:00.000Z");
  dumps.add("app/20261123T030000Z", "app", "2026-11-23T03:00:00.000Z", "changed");
  dumps.add("other/20261120T030000Z", "other", "2026-11-20T03:00:00.000Z");
});
afterEach(() => dumps.remove());
const remove = (dump: unknown, force?: boolean) =>
  deleteDump(dumps.context, { dump, ...(force === undefined ? {} : { force }) });
const left = () =>
  ["app", "other"].flatMap((name) =>
    existsSync(join(dumps.backups, name)) ? readdirSync(join(dumps.backups, name)) : [],
  );

it("deletes the dump that was named, and nothing else", async () => {
  expect(await remove("app/20261121T030000Z/")).toEqual({ id: "app/20261121T030000Z", bytes: 15 });
  expect(left().sort()).toEqual(["20261120T030000Z", "20261122T030000Z", "20261123T030000Z"]);
  expect(readdirSync(join(dumps.backups, ".partial"))).toEqual([]);
  expect(dumps.log).toEqual(["the dump app/20261121T030000Z was deleted by the operator"]);
});

it.each([
  ["the newest good one, though a changed one is newer", "app/20261122T030000Z"],
  ["the only one", "other/20261120T030000Z"],
])("keeps %s, unless it is forced", async (_what, id) => {
  await expect(remove(id)).rejects.toThrow(
    `${id} is the newest good dump of its database, so it stays.`,
  );
  expect(left()).toHaveLength(4);
  expect((await remove(id, true)).id).toBe(id);
  expect(left()).toHaveLength(3);
});

it("deletes a changed one, and a folder whose manifest cannot be used", async () => {
  await remove("app/20261123T030000Z");
  mkdirSync(join(dumps.backups, "app/bad"));
  writeFileSync(join(dumps.backups, "app/bad/manifest.json"), "{");
  expect(await remove("app/bad")).toEqual({ id: "app/bad", bytes: 0 });
  expect(left()).toHaveLength(3);
});

it("keeps one that is read", async () => {
  await whileReading(dumps.context, "app/20261121T030000Z", async () => {
    await expect(remove("app/20261121T030000Z", true)).rejects.toThrow("is being read");
  });
  await remove("app/20261121T030000Z");
});

it.each([
  [undefined, "Name one dump by its id"],
  ["app", "Name one dump by its id"],
  ["../etc", "Name one dump by its id"],
  [".partial/x", "Name one dump by its id"],
  ["app/..", "Name one dump by its id"],
  ["app/20261121T030000Z/..", "Name one dump by its id"],
  ["app/none", "There is no dump app/none."],
  ["app/empty", "app/empty has no manifest.json, so it is no dump."],
])("refuses %j", async (id, sentence) => {
  mkdirSync(join(dumps.backups, "app/empty"));
  await expect(remove(id, true)).rejects.toThrow(sentence);
  expect(left()).toHaveLength(5);
});
