import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import {
  parseStackFile,
  valuesOf,
  without,
  writeWhole,
} from "../../../scripts/cli/stack/stackFile";

const text = `# The stack.
config:
  laterbase:primary:   # ours
    kind: managed
    port: 8008

  # Two of them.
  laterbase:standbys:
    - name: a
      port: 1
    # The second one is on the NAS.
    - name: b   # far
      port: 2
      dockerHost: "ssh://nas"
    # The third one.
    - { name: c, port: 3 }
  # A trial only.
  # Not off site.
  laterbase:duplicati:
    target: file:///archive
    port: 8200

  laterbase:dumps: { schedule: "@hourly" }
encryptionsalt: v1:abc=
`;

describe("a value that is taken out of a stack file", () => {
  it("takes its own lines and the comment above it with it, and leaves every other byte", () => {
    expect(without(text, ["config", "laterbase:duplicati"])).toBe(
      text.replace(/ {2}# A trial only\.[^]*8200\n/, ""),
    );
    expect(without(text, ["config", "laterbase:standbys", 1])).toBe(
      text.replace(/ {4}# The second one[^]*nas"\n/, ""),
    );
    expect(without(text, ["config", "laterbase:standbys", 2])).toBe(
      text.replace(/ {4}# The third one[^]*3 \}\n/, ""),
    );
    expect(without(text, ["config", "laterbase:dumps"])).toBe(
      text.replace(/ {2}laterbase:dumps.*\n/, ""),
    );
  });

  it("can be the last one, also without a line break at the end", () => {
    const short = "config:\n  a:b: 1\n  # Last.\n  a:c:\n    d: 2";
    expect(without(short, ["config", "a:c"])).toBe("config:\n  a:b: 1\n");
  });

  it("can stand in a line with others: then the file is written anew, with its comments", () => {
    const flow = "# Top.\nconfig:\n  a:list: [{ name: x }, { name: y }] # both\n  a:b: '1'\n";
    const left = without(flow, ["config", "a:list", 0])!;
    expect(parse(left)).toEqual({ config: { "a:list": [{ name: "y" }], "a:b": "1" } });
    expect(left).toMatch(/^# Top\.\n/);
    expect(left).toContain("# both");
  });

  it("can be the first key behind the dash of a list", () => {
    const list = "config:\n  a:list:\n    - name: x\n      port: 1\n";
    expect(parse(without(list, ["config", "a:list", 0, "name"])!)).toEqual({
      config: { "a:list": [{ port: 1 }] },
    });
  });

  it("leaves what merge keys and aliases bring, and their comments", () => {
    const merged = `x-limits: &limits # of both
  memory: 1GB
config:
  laterbase:standbys:
    - { name: a, <<: *limits }
    - name: b
      <<: *limits # far
  laterbase:duplicati: *limits
`;
    const left = without(merged, ["config", "laterbase:standbys", 0])!;
    expect(left).toBe(merged.replace(/ {4}- \{ name: a.*\n/, ""));
    expect(without(merged, ["config", "laterbase:duplicati"])).toBe(
      merged.replace(/ {2}laterbase:duplicati.*\n/, ""),
    );
  });

  it.each([
    ["has the anchor of another one", "config:\n  a:b: &x { c: 1 }\n  d:e: *x\n"],
    ["comes by a merge key", "x-all: &all\n  a:b: 1\nconfig:\n  <<: *all\n  d:e: 2\n"],
    ["is in an alias", "x-all: &all\n  a:b: 1\nconfig: *all\n"],
  ])("is not taken out where it %s", (_what, joined) => {
    expect(without(joined, ["config", "a:b"])).toBeUndefined();
  });

  it("has a copy of its own at each place that an alias stands for", () => {
    const values: any = valuesOf("a: &a { b: 1 }\nc: *a\nd:\n  <<: *a\n");
    values.a.b = 2;
    expect(values).toEqual({ a: { b: 2 }, c: { b: 1 }, d: { b: 1 } });
  });

  it.each([
    ["config", "laterbase:primary", "port"],
    ["config", "laterbase:standbys", 0],
    ["config", "laterbase:standbys"],
    ["encryptionsalt"],
  ])("leaves all other values: %j", (...path) => {
    const expected: any = parse(text);
    const parent = path.slice(0, -1).reduce<any>((at, key) => at[key], expected);
    if (Array.isArray(parent)) parent.splice(path.at(-1) as number, 1);
    else delete parent[path.at(-1)!];
    expect(parse(without(text, path)!)).toEqual(expected);
  });
});

it("names the file that is no YAML", () => {
  expect(() => parseStackFile("a: [1", "Pulumi.x.yaml")).toThrow(
    /^Pulumi\.x\.yaml cannot be read as YAML: .* line 1.*\.$/,
  );
});

describe("a file that is written whole", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbt-file-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("keeps its mode, and leaves nothing beside it", () => {
    const file = join(folder, "a.yaml");
    writeFileSync(file, "old", { mode: 0o600 });
    writeWhole(file, "new");
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["new", 0o600]);
    expect(readdirSync(folder)).toEqual(["a.yaml"]);
    expect(() => writeWhole(join(folder, "none/b.yaml"), "x")).toThrow(/cannot be written: ENOENT/);
  });
});
