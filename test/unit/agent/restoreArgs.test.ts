import { readRestoreArgs } from "../../../scripts/agent/restore/args";
import { planRestore } from "../../../scripts/agent/restore/plan";

const superuser = { name: "postgres", password: "secret" };
const at = new Date("2026-11-21T14:25:30Z");
const plan = (args: Record<string, unknown>) =>
  planRestore(readRestoreArgs({ dump: "app", superuser, ...args }), "app", at);

it("restores under a new name by default", () => {
  expect(plan({})).toEqual({ fresh: "app_restored_20261121_142530" });
  expect(plan({ as: "Ä b" })).toEqual({ fresh: "Ä b" });
});

it("restores in place through another name, and keeps the old database", () => {
  expect(plan({ inPlace: true })).toEqual({
    fresh: "app_restored_20261121_142530",
    inPlace: { target: "app", kept: "app_before_restore_20261121_142530" },
  });
  expect(plan({ inPlace: true, as: "other" }).inPlace?.target).toBe("other");
});

it.each([
  [{ superuser: undefined }, /superuser's login/],
  [{ superuser: { name: "" } }, /superuser's login/],
  [{ dump: "" }, /"dump" is missing/],
  [{ dump: 5 }, /"dump" must be a text/],
  [{ newerMajor: 1 }, /"newerMajor" must be true or false/],
  [{ inPlace: "yes" }, /"inPlace" must be true or false/],
  [{ inPlace: true, keepDifferent: true }, /under a new name only/],
  [{ as: "x".repeat(64) }, /64 bytes/],
])("refuses %j in one sentence without the secret", (wrong, said) => {
  expect(() => readRestoreArgs({ dump: "app", superuser, ...wrong })).toThrow(said);
  expect(() => readRestoreArgs({ dump: "app", superuser, ...wrong })).not.toThrow(/secret/);
});
