import type { Props } from "../../../scripts/providers/protocol/provider";
import { UNKNOWN } from "../../../scripts/providers/protocol/values";
import { draw, type Recipe } from "../../../scripts/providers/random/draw";
import { randomId, writeBytes } from "../../../scripts/providers/random/id";
import { randomPassword } from "../../../scripts/providers/random/password";

const ctx = {
  urn: "urn",
  name: "one",
  status: () => {},
  log: () => {},
  signal: new AbortController().signal,
};

const RECIPE: Recipe = {
  length: 20,
  upper: true,
  lower: true,
  numeric: true,
  special: true,
  minUpper: 0,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
};

const count = (text: string, chars: RegExp) => text.match(chars)?.length ?? 0;

describe("draw", () => {
  test("keeps the length and draws from all classes", () => {
    const text = draw({ ...RECIPE, length: 4000 });
    expect(text).toHaveLength(4000);
    expect(new Set(text).size).toBe(26 + 26 + 10 + 21);
    expect(text).toMatch(/^[\w!@#$%&*()\-=+[\]{}<>:?]+$/);
  });

  test("draws all characters with equal probability", () => {
    const text = draw({ ...RECIPE, length: 62_000, special: false });
    const counts = new Map<string, number>();
    for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
    // 1000 expected, standard deviation 31: seven of them are beyond any bad luck.
    expect(Math.min(...counts.values())).toBeGreaterThan(780);
    expect(Math.max(...counts.values())).toBeLessThan(1220);
  });

  test("meets the minimum of each class, at random positions", () => {
    const recipe = { ...RECIPE, minUpper: 4, minNumeric: 5, minSpecial: 6, minLower: 5 };
    const firsts = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const text = draw(recipe);
      expect(count(text, /[A-Z]/g)).toBe(4);
      expect(count(text, /[a-z]/g)).toBe(5);
      expect(count(text, /\d/g)).toBe(5);
      firsts.add(text[0] ?? "");
    }
    expect(firsts.size).toBeGreaterThan(20);
  });

  test("uses other special characters, and leaves out disabled classes", () => {
    const only = { ...RECIPE, upper: false, lower: false, numeric: false, overrideSpecial: "äß" };
    expect(draw(only)).toMatch(/^[äß]{20}$/u);
    expect(draw({ ...RECIPE, special: false, upper: false })).toMatch(/^[a-z\d]{20}$/);
  });

  test("refuses an empty set of characters", () => {
    const none = { upper: false, lower: false, numeric: false, special: false };
    expect(() => draw({ ...RECIPE, ...none })).toThrow("the character set specified is empty");
  });
});

test("an identifier has five output forms", () => {
  expect(writeBytes(Buffer.from("00fffe3e", "hex"), "p-")).toEqual({
    id: "AP_-Pg",
    b64Url: "p-AP_-Pg",
    b64Std: "p-AP/+Pg==",
    hex: "p-00fffe3e",
    dec: "p-16776766",
  });
});

describe("RandomPassword", () => {
  test("the state holds every default", async () => {
    const { id, outputs } = await randomPassword.create(ctx, { length: 12, keepers: { a: 1 } });
    expect(id).toBe("none");
    expect(outputs).toMatchObject({ id, number: true, numeric: true, special: true, minLower: 0 });
    expect(outputs.keepers).toEqual({ a: "1" });
    expect(outputs.result).toHaveLength(12);
  });

  // What the official plugin decides, measured.
  test.each<[from: Props, to: Props, decision: string]>([
    [{}, {}, "same"],
    [{}, { special: true, numeric: true, number: true, minLower: 0 }, "same"],
    [{ special: true }, {}, "same"],
    [{}, { length: 13 }, "replace"],
    [{}, { special: false }, "replace"],
    [{}, { number: false }, "replace"],
    [{}, { minUpper: 1 }, "replace"],
    [{}, { overrideSpecial: "_" }, "replace"],
    [{}, { overrideSpecial: "" }, "replace"],
    [{ overrideSpecial: "" }, {}, "update"],
    [{ overrideSpecial: "_" }, {}, "replace"],
    [{}, { keepers: {} }, "update"],
    [{ keepers: {} }, {}, "update"],
    [{ keepers: { a: "1" } }, {}, "replace"],
    [{ keepers: { a: "1" } }, { keepers: { a: "1", b: "2" } }, "replace"],
    [{ keepers: { a: "1" } }, { keepers: { a: UNKNOWN } }, "replace"],
    [{ keepers: { a: "1" } }, { keepers: { a: 1 } }, "same"],
  ])("from %j to %j: %s", async (from, to, decision) => {
    const inputs = { length: 12, ...from };
    const { outputs } = await randomPassword.create(ctx, inputs);
    const { changes, replaces } = randomPassword.diff(
      { inputs, state: outputs },
      { length: 12, ...to },
    );
    expect(changes ? (replaces.length > 0 ? "replace" : "update") : "same").toBe(decision);
  });

  test("an update keeps the value", async () => {
    const { outputs } = await randomPassword.create(ctx, { length: 12, overrideSpecial: "" });
    const olds = { inputs: {}, state: outputs };
    const updated = await randomPassword.update?.(ctx, "none", olds, { length: 12 });
    expect(updated?.result).toBe(outputs.result);
    expect(updated).not.toHaveProperty("overrideSpecial");
    expect(randomPassword.preview?.({ length: 12 }, olds)).toMatchObject({
      result: outputs.result,
    });
    expect(randomPassword.preview?.({ length: 12 })).toMatchObject({
      result: UNKNOWN,
      upper: true,
    });
  });

  test.each<[Props, string[]]>([
    [{}, ["length is required"]],
    [{ length: "12" }, ["length must be a number"]],
    [{ length: 0 }, ["length must be a whole number of at least 1, got 0"]],
    [{ length: 2.5 }, ["length must be a whole number of at least 1, got 2.5"]],
    [
      { length: 5, minUpper: 3, minLower: 3 },
      ["length must be at least minUpper + minLower + minNumeric + minSpecial (6), got 5"],
    ],
    [
      { length: 5, number: true, numeric: false },
      ["number is another name of numeric and must not differ from it"],
    ],
    [
      { length: 5, number: false, upper: false, lower: false, special: false },
      ["numeric at least one of upper, lower, numeric and special must be true"],
    ],
    [{ length: UNKNOWN, minUpper: UNKNOWN, numeric: UNKNOWN }, []],
  ])("inputs %j are refused for %j", (news, reasons) => {
    const failures = randomPassword
      .check?.(news)
      .failures.map(({ property, reason }) => `${property} ${reason}`);
    expect(failures).toEqual(reasons);
  });
});

describe("RandomId", () => {
  test.each<[from: Props, to: Props, decision: string]>([
    [{}, {}, "same"],
    [{}, { byteLength: 5 }, "replace"],
    [{}, { prefix: "" }, "replace"],
    [{ prefix: "a" }, { prefix: "b" }, "replace"],
    [{}, { keepers: {} }, "update"],
    [{}, { keepers: { a: "1" } }, "replace"],
  ])("from %j to %j: %s", async (from, to, decision) => {
    const inputs = { byteLength: 4, ...from };
    const { outputs } = await randomId.create(ctx, inputs);
    const { changes, replaces } = randomId.diff(
      { inputs, state: outputs },
      { byteLength: 4, ...to },
    );
    expect(changes ? (replaces.length > 0 ? "replace" : "update") : "same").toBe(decision);
  });

  test("needs at least one byte", () => {
    expect(randomId.check?.({ byteLength: 0 }).failures).toEqual([
      { property: "byteLength", reason: "must be a whole number of at least 1, got 0" },
    ]);
  });
});
