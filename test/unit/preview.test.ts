import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import * as context from "../../images/build/context";
// eslint-disable-next-line @typescript-eslint/no-require-imports -- index.ts has `export =`, as Pulumi asks for
import program = require("../../index");
import { render } from "../support/mocks";

const changes: string[] = [];
/** A module whose functions with such a name are recorded, and do nothing. */
function mockRecorded(module: object, names: RegExp): object {
  const replaced = Object.entries(module).map(([name, value]) => [
    name,
    names.test(name)
      ? (...args: unknown[]) => void changes.push(`${name} ${String(args[0])}`)
      : (value as unknown),
  ]);
  return Object.fromEntries(replaced) as object;
}
jest.mock("node:fs", () =>
  mockRecorded(
    jest.requireActual("node:fs"),
    /^(write|append|mkdir|mkdtemp|cp|copy|rename|rm|unlink|symlink|link|chmod|truncate|createWrite)/,
  ),
);
jest.mock("node:child_process", () =>
  mockRecorded(jest.requireActual("node:child_process"), /^(exec|spawn|fork)/),
);
jest.mock("../../images/build/context", () => {
  const actual = jest.requireActual<typeof context>("../../images/build/context");
  return { ...actual, makeContexts: jest.fn(actual.makeContexts) };
});
// It asks the engine for the primary's container.
jest.mock("../../scripts/primary/observe/stackDrift", () => ({
  observedDrift: () => Promise.resolve({}),
}));

/** The program with the configuration of stack dev; Pulumi's part is mocked. */
async function run(preview: boolean): Promise<string[]> {
  changes.length = 0;
  const { config } = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as {
    config: Record<string, unknown>;
  };
  const values = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const made = await render(
    async () => {
      pulumi.runtime.setAllConfig(Object.fromEntries(values) as Record<string, string>);
      await program();
    },
    { stack: "dev", preview },
  );
  return made.map(({ name }) => name);
}

const makeContexts = jest.mocked(context.makeContexts);
const before = { ...process.env };
beforeEach(() => {
  // With stand-ins every image is ours, and has a context to be made.
  process.env["LATERBASE_STAND_INS"] = "yes";
});
afterEach(() => {
  process.env = { ...before };
});

it("a preview declares everything, writes no file and starts no program", async () => {
  expect(await run(true)).toEqual(expect.arrayContaining(["local-image", "primary-container"]));
  expect(makeContexts).not.toHaveBeenCalled();
  expect(changes).toEqual([]);
});

it("looks before it declares anything else", async () => {
  const made = await run(false);
  expect(made[0]).toBe("looks");
  expect(made).toContain("primary-container");
});

it("an update makes the contexts of the images that it may build", async () => {
  makeContexts.mockImplementation(() => undefined);
  await run(false);
  const contexts = makeContexts.mock.calls[0]![0].map(
    (image) => (image as { context: string }).context,
  );
  expect(contexts.sort()).toEqual([
    ".laterbase/agent",
    ".laterbase/duplicati-stand-in",
    ".laterbase/ofelia-stand-in",
    ".laterbase/pgadmin",
    ".laterbase/socket-proxy",
    "images/pgbouncer",
    "images/postgres",
  ]);
});
