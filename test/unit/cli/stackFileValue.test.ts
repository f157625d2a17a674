import fc from "fast-check";
import { parse } from "yaml";
import { withNumber } from "../../../scripts/cli/stack/stackFileValue";

const key = "laterbase:rotations";
const text = `# The stack.
config:
  laterbase:primary:   # ours
    kind: managed
    port: 8008

  # Two of them.
  laterbase:standbys:
    - { name: c, port: 3 }
encryptionsalt: v1:abc=
`;

describe("a number of a rotation", () => {
  it("comes at the end of config, and every other byte stays", () => {
    expect(withNumber(text, key, "superuser", 1)).toBe(
      text.replace("encryption", "  laterbase:rotations:\n    superuser: 1\nencryption"),
    );
  });

  it("becomes another one where it stands, with its comment", () => {
    const known = text.replace(
      "encryption",
      "  laterbase:rotations:\n    superuser: 9 # leaked\n    pooler: 1\nencryption",
    );
    expect(withNumber(known, key, "superuser", 10)).toBe(known.replace("9 #", "10 #"));
  });

  it("comes behind the others", () => {
    const known = text.replace(
      "encryption",
      "  laterbase:rotations:\n    superuser: 9 # leaked\nencryption",
    );
    expect(withNumber(known, key, "jarvis", 1)).toBe(
      known.replace("# leaked\n", "# leaked\n    jarvis: 1\n"),
    );
    expect(withNumber(`config:\n  ${key}: { a: 1 } # x\n`, key, "b", 2)).toBe(
      `config:\n  ${key}: { a: 1, b: 2 } # x\n`,
    );
  });

  it.each([
    ["no line break at its end", "config:\n  a:b: 1", `config:\n  a:b: 1\n  ${key}:\n    x: 1\n`],
    ["nothing in config", "config: {}\n", `config:\n  { "${key}": { x: 1 } }\n`],
    [
      "no config",
      "encryptionsalt: v1:a=\n",
      `encryptionsalt: v1:a=\nconfig:\n  ${key}:\n    x: 1\n`,
    ],
    ["nothing at all", "", `config:\n  ${key}:\n    x: 1\n`],
    ["a whole config in one line", "config: { a:b: 1 } # y\n", undefined],
    ["an empty map", `config:\n  ${key}: {}\n  a:b: 1\n`, undefined],
    [
      "a text over several lines",
      "config:\n  a:b: |\n    x\n    y\n",
      `config:\n  a:b: |\n    x\n    y\n  ${key}:\n    x: 1\n`,
    ],
  ])("can be the first one in a file with %s", (_what, before, after) => {
    const written = withNumber(before, key, "x", 1)!;
    if (after !== undefined) expect(parse(written)).toEqual(parse(after));
    const { config = {}, ...rest } = (parse(before) ?? {}) as { config?: object };
    expect(parse(written)).toEqual({ ...rest, config: { ...config, [key]: { x: 1 } } });
    for (const comment of before.match(/#.*/g) ?? []) expect(written).toContain(comment);
  });

  it("keeps names that YAML would read as something else", () => {
    const written = ["on", "null", "12", "a: b", "#x"].reduce(
      (file, name) => withNumber(file, key, name, 1)!,
      text,
    );
    expect(parse(written).config[key]).toEqual({
      ...{ on: 1, null: 1, 12: 1, "a: b": 1, "#x": 1 },
    });
    expect(written).toContain("# Two of them.");
  });

  it("changes nothing else, whatever names and numbers follow each other", () => {
    const names = fc.constantFrom("superuser", "pooler", "jarvis", "a.b", "y");
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.integer({ min: 1, max: 99 }))), (pairs) => {
        const written = pairs.reduce((file, [name, n]) => withNumber(file, key, name, n)!, text);
        const wanted = Object.fromEntries(pairs);
        expect(parse(written).config[key] ?? {}).toEqual(wanted);
        expect(written.replace(/ {2}laterbase:rotations:\n(?: {4}.*\n)*/, "")).toBe(text);
      }),
    );
  });

  describe("of a map with an anchor of YAML", () => {
    const shared = "x-numbers: &numbers # theirs\n  superuser: 2\n  a: 1\n";

    it.each([
      ["an alias", `config:\n  ${key}: *numbers # ours\n`],
      ["a merge key in it", `config:\n  ${key}: # ours\n    <<: *numbers\n`],
      ["a merge key", `x-all: &all # ours\n  ${key}: *numbers\nconfig:\n  <<: *all\n  a:b: 1\n`],
      ["an alias of one number", `x-n: &n 1 # ours\nconfig:\n  ${key}: { a: *n, superuser: 2 }\n`],
    ])("is written for this map alone, which is %s", (_what, below) => {
      const before = shared + below;
      for (const [name, value] of [
        ["a", 7],
        ["new", 1],
      ] as const) {
        const written = withNumber(before, key, name, value)!;
        const values = parse(written, { merge: true });
        expect(values.config[key]).toEqual({ superuser: 2, a: 1, [name]: value });
        expect(values["x-numbers"]).toEqual({ superuser: 2, a: 1 });
        expect(written).toContain("# theirs");
        expect(written).toContain("# ours");
      }
    });

    it("is not written where the other place would change, too", () => {
      const map = `config:\n  ${key}: &own { a: 1 }\n  b:c: *own\n`;
      expect(withNumber(map, key, "a", 2)).toBeUndefined();
      expect(withNumber(map, key, "b", 2)).toBeUndefined();
      const one = `config:\n  ${key}: { a: &own 1 }\n  b:c: *own\n`;
      expect(withNumber(one, key, "a", 2)).toBeUndefined();
    });
  });
});
