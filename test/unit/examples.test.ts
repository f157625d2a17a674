import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig, readRaw } from "../../components";
import { commandGroups } from "../../scripts/cli/commands";
import { exampleFile, exampleSystems } from "../support/exampleStacks";
import type { Made } from "../support/mocks";
import { codeIn, promisesOf, testsIn } from "../support/promises";
import { declared, stackKeys } from "../support/stackProgram";

// Does not prove that an example runs (integration/examples previews each, trials/examples brings each up), nor that a
// test proves what its row says: that was read.
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
  return parseConfig(readRaw(Object.fromEntries(texts) as Record<string, string>, file), file);
}

it("every folder is a system with a stack file, or has none: monitoring", () => {
  expect(folders.filter((folder) => folder !== "monitoring").sort()).toEqual(
    [...exampleSystems].sort(),
  );
});

const known = new Set(commandGroups.flatMap(({ commands }) => commands.map(({ name }) => name)));

/** Every key of docs/configuration.md. */
const keys = new Set(
  [...readFileSync("docs/configuration.md", "utf8").matchAll(/\*\*`([^`]+)`\*\*/g)].map(
    ([, path]) => path!,
  ),
);
const top = new Set([...keys].map((path) => path.split(/[.[]/)[0]!));
/** Whether something between backticks looks like a key, such as `backups.schedules.full`. */
const isKey = (code: string) =>
  /^[a-z][A-Za-z]*(\[\])?(\.(<name>|[a-z][A-Za-z]*)(\[\])?)*$/.test(code) &&
  top.has(code.split(/[.[]/)[0]!);

describe.each(exampleSystems)("the example %s", (name) => {
  const page = join("examples", name, "README.md");
  const text = readFileSync(page, "utf8");
  const promises = promisesOf(page);
  let containers: Made[];
  beforeAll(async () => {
    const made = await declared(name, () => undefined);
    containers = made.filter(({ type }) => type === "docker:index/container:Container");
  });

  const rowsWhere = (wrong: (one: (typeof promises)[number]) => boolean) =>
    promises.filter(wrong).map(({ row }) => row);

  it("has a stack file that the schema accepts, and the scripts that it names", () => {
    const { primary } = configOf(exampleFile(name));
    const scripts = primary.kind === "managed" ? primary.initScripts : undefined;
    expect(scripts === undefined || existsSync(scripts)).toBe(true);
  });

  it("holds no secret in its stack file", () => {
    expect(readFileSync(exampleFile(name), "utf8")).not.toMatch(
      /^\s*(-\s*)?(secure|password|passphrase|secretKey|token|encryptionsalt):/m,
    );
  });

  it("says first who it is for, how to run it in two commands, what to change, what it makes and how to undo it", () => {
    const head = text.split("\n## ")[0]!;
    expect(head).toMatch(new RegExp(`^# ${name}\n\nFor `));
    const [block] = /^```bash\n[^`]*```$/m.exec(head)!;
    expect(block.split("\n").slice(1, -1)).toEqual([
      `npm run laterbase -- new ${name} --from examples/${name}`,
      `npm run pulumi -- up --stack ${name}`,
    ]);
    const points = [...head.matchAll(/^- \*\*(.*):\*\* /gm)].map(([, point]) => point);
    expect(points).toEqual(["What to change", "What it creates", "How to undo it"]);
    expect(head).toContain(`\`npm run destroy -- --stack ${name}\``);
  });

  it("publishes the ports that its page names, in the containers that it names", () => {
    const [, creates = ""] = /\*\*What it creates:\*\*([^]*?)\n- \*\*/.exec(text)!;
    const prefix = `laterbase-${name}-`;
    expect(creates).toContain(`the containers \`${prefix}\``);
    const roles = codeIn(creates.split("on the ports")[0]!).slice(1);
    expect(containers.map(({ inputs }) => inputs["name"] as string).sort()).toEqual(
      roles.map((role) => prefix + role).sort(),
    );
    const [, named = ""] = /on the ports ([\d, and\n]+)/.exec(creates)!;
    const ports = containers.flatMap(({ inputs }) =>
      (inputs["ports"] ?? []).map(({ external }: { external: number }) => external),
    );
    expect(named.match(/\d+/g)!.map(Number).sort()).toEqual(ports.sort());
  });

  it("has a table with a promise, a place and a proof in each row", () => {
    expect(promises.length).toBeGreaterThan(20);
    expect(
      rowsWhere(
        ({ columns, promise, where, proof }) => columns !== 3 || !promise || !where || !proof,
      ),
    ).toEqual([]);
  });

  it("says plainly which promises are not met, and proves every other one by tests", () => {
    const notMet = ({ where }: { where: string }) => where.startsWith("**Not met:**");
    expect(rowsWhere((one) => notMet(one) !== (one.proof === "none"))).toEqual([]);
    expect(rowsWhere((one) => !notMet(one) && testsIn(one.proof).length === 0)).toEqual([]);
  });

  it("names tests that exist, by their file and their name", () => {
    const tests = promises.flatMap(({ proof }) => testsIn(proof));
    const missing = tests.filter(
      ({ file, title }) =>
        title === "" || !existsSync(file) || !readFileSync(file, "utf8").includes(title),
    );
    expect(missing).toEqual([]);
  });

  it("names keys, commands and files that exist", () => {
    const named = promises.flatMap(({ where }) => codeIn(where));
    const wrong = named.filter((code) => {
      if (code.startsWith("laterbase ")) return !known.has(code.split(" ")[1]!);
      if (code.startsWith("examples/")) return !existsSync(code);
      return (
        isKey(code) &&
        top.has(code.split(/[.[]/)[0]!) &&
        !keys.has(code.replace(/\[\]$/, "")) &&
        !keys.has(code)
      );
    });
    expect(wrong).toEqual([]);
  });

  it("is in the list of examples", () => {
    expect(readFileSync("examples/README.md", "utf8")).toContain(`[${name}](${name})`);
  });
});

it("hot-hot runs primary and standby from one image", async () => {
  const made = await declared("hot-hot", () => undefined);
  const imageOf = (role: string) =>
    made.find(({ inputs }) => inputs["name"] === `laterbase-hot-hot-${role}`)!.inputs["image"];
  expect(imageOf("standby")).toBe(imageOf("primary"));
  expect(imageOf("primary")).toEqual(expect.any(String));
  expect(stackKeys("hot-hot")["bindAddress"]).toBe("0.0.0.0");
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
    const references = count(/\bREFERENCES\b/g);
    expect(references).toBeGreaterThan(20);
    expect(count(/\bREFERENCES \w+ \([^)]+\) +ON DELETE (RESTRICT|CASCADE)/g)).toBe(references);
  });

  it("keeps metadata and details in jsonb", () => {
    const flexible = [...sql.matchAll(/^ +(metadata|details) +(\w+)/gm)].map(([, , type]) => type);
    expect(flexible.length).toBeGreaterThan(8);
    expect(new Set(flexible)).toEqual(new Set(["jsonb"]));
  });
});
