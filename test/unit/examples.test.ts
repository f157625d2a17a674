import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig, readRaw } from "../../components";

// Does not prove that an example runs: the stack dev runs the schema of hot-hot, and integration tests
// run the system of editor.
const folders = readdirSync("examples", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/**
 * The configuration as Pulumi gives it to the program: text, or JSON. No example contains a secret;
 * `config set --secret` adds it.
 */
function configOf(file: string) {
  const { config } = parse(readFileSync(file, "utf8")) as {
    config: Record<string, unknown> & { "laterbase:primary": { kind: string; superuser: object } };
  };
  const primary = config["laterbase:primary"];
  if (primary.kind === "external") Object.assign(primary.superuser, { password: "DaVinci" });
  const texts = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return parseConfig(readRaw(Object.fromEntries(texts) as Record<string, string>), file);
}

/** No system: files for a Prometheus and a Grafana, with tests of their own. */
const systems = folders.filter((folder) => folder !== "monitoring");

describe.each(systems)("the example %s", (folder) => {
  const file = join("examples", folder, `Pulumi.${folder}.yaml`);

  it("has a stack file that the schema accepts, and the scripts that it names", () => {
    const { primary } = configOf(file);
    const scripts = primary.kind === "managed" ? primary.initScripts : undefined;
    expect(scripts === undefined || existsSync(scripts)).toBe(true);
  });

  it("has a table of what it promises, on a page of its own or in the list", () => {
    const own = join("examples", folder, "README.md");
    const page = existsSync(own)
      ? readFileSync(own, "utf8")
      : readFileSync("examples/README.md", "utf8").split(`\n## ${folder}\n`)[1];
    expect(page).toMatch(/^\|/m);
  });

  it("is in the list of examples", () => {
    expect(readFileSync("examples/README.md", "utf8")).toContain(`[${folder}](${folder})`);
  });
});

describe("what the examples promise", () => {
  it("is proved by tests that exist", () => {
    const pages = ["", ...folders].map((folder) => join("examples", folder, "README.md"));
    const text = pages.filter(existsSync).map((page) => readFileSync(page, "utf8"));
    const named = [...text.join("").matchAll(/`([\w/]+\.test\.ts)`/g)].map(([, name]) => name!);
    const places = (name: string) =>
      ["test", "test/integration"].map((folder) => join(folder, name)).filter(existsSync);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => places(name).length === 0)).toEqual([]);
  });
});

describe("the schema of hot-hot", () => {
  const folder = "examples/hot-hot/schema";
  const sql = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
  const count = (pattern: RegExp) => [...sql.matchAll(pattern)].length;

  it("has seventeen tables and three views, each with a comment", () => {
    expect(count(/^CREATE TABLE /gm)).toBe(17);
    expect(count(/^COMMENT ON TABLE /gm)).toBe(17);
    expect(count(/^CREATE VIEW /gm)).toBe(3);
    expect(count(/^COMMENT ON VIEW /gm)).toBe(3);
  });

  it("says for every foreign key what a deletion does", () => {
    const keys = count(/\bREFERENCES\b/g);
    expect(keys).toBeGreaterThan(20);
    expect(count(/\bREFERENCES \w+ \([^)]+\) +ON DELETE (RESTRICT|CASCADE)/g)).toBe(keys);
  });
});
