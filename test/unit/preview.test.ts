import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import * as context from "../../images/build/context";
import { emptyPrimary } from "../../scripts/primary/observe/emptyPrimary";
import { serviceDrift } from "../../scripts/primary/observe/serviceDrift";
import { pushedImages } from "../../scripts/registry/pushedImages";
// eslint-disable-next-line @typescript-eslint/no-require-imports -- index.ts has `export =`, as Pulumi asks for
import program = require("../../index");
import { type Made, named, render } from "../support/mocks";

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
// It asks Pulumi for the state.
jest.mock("../../scripts/primary/observe/hadPrimary", () => ({
  hadPrimary: () => Promise.resolve(false),
}));

// It asks the engine for the primary's volume.
jest.mock("../../scripts/primary/observe/emptyPrimary", () => ({ emptyPrimary: jest.fn() }));
const emptiness = jest.mocked(emptyPrimary);

// It asks the engine for containers.
jest.mock("../../scripts/primary/observe/serviceDrift", () => ({ serviceDrift: jest.fn() }));
const services = jest.mocked(serviceDrift);

// It asks a registry through the engine.
jest.mock("../../scripts/registry/pushedImages", () => ({ pushedImages: jest.fn() }));
const pushed = jest.mocked(pushedImages);

/** The program with the configuration of stack dev; Pulumi's part is mocked. */
async function declared(
  preview: boolean,
  more: Record<string, unknown> = {},
  // An error that reaches Pulumi would end the process of the tests.
  failed?: (error: Error) => void,
): Promise<Made[]> {
  changes.length = 0;
  const { config } = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as {
    config: Record<string, unknown>;
  };
  const values = Object.entries({ ...config, ...more }).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return render(
    async () => {
      pulumi.runtime.setAllConfig(Object.fromEntries(values) as Record<string, string>);
      await (failed ? program().catch(failed) : program());
    },
    { stack: "dev", preview },
  );
}

/** The same, as names. */
async function run(...args: Parameters<typeof declared>): Promise<string[]> {
  return (await declared(...args)).map(({ name }) => name);
}

const makeContexts = jest.mocked(context.makeContexts);
const before = { ...process.env };
beforeEach(() => {
  // With stand-ins every image is ours, and has a context to be made.
  process.env["LATERBASE_STAND_INS"] = "yes";
  emptiness.mockResolvedValue({ refused: [] });
  services.mockResolvedValue({});
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

it.each([
  ["empty", "the primary has no data (seen 2026-11-01T10:00:00Z)"],
  ["gone", "the primary's container is gone (seen 2026-11-01T10:00:00Z)"],
])("runs the steps on a primary again where its data may be others: %s", async (which, why) => {
  emptiness.mockResolvedValue({ refused: [], [which]: why });
  const made = await declared(true);
  const steps = ["preparation-role", "preparation-slot-standby"];
  for (const name of [...steps, ...(which === "empty" ? ["pgbackrest-before-primary"] : [])])
    expect([name, named(made, name).inputs["environment"]]).toEqual([
      name,
      expect.objectContaining({
        LATERBASE_DRIFT: why,
      }),
    ]);
});

it("declares everything in a preview that sees no data of the primary, and asks for no step", async () => {
  emptiness.mockResolvedValue({ refused: [], warned: "The primary has no data here." });
  const said = jest.spyOn(console, "warn").mockImplementation(() => undefined);
  const made = await declared(true);
  expect(said.mock.calls.join("\n")).toContain("The primary has no data here.");
  said.mockRestore();
  expect(emptiness).toHaveBeenLastCalledWith(
    expect.anything(),
    expect.objectContaining({ organization: expect.any(String), stack: expect.any(String) }),
    expect.any(String),
    { preview: true },
  );
  const { inputs } = named(made, "preparation-role");
  expect(inputs["environment"]).not.toHaveProperty("LATERBASE_DRIFT");
});

it("runs no step again where the containers are there, and those of lost services where not", async () => {
  services.mockResolvedValue({ owner: "the container is gone" });
  const made = await declared(true);
  const seen = (name: string) =>
    (named(made, name).inputs["environment"] as Record<string, string>)["LATERBASE_DRIFT"];
  expect(seen("preparation-role")).toBeUndefined();
  expect(seen("duplicati-owner")).toBe("the container is gone");
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

describe("with images from a registry", () => {
  const registry = "registry.example.com/p";
  const key = { "laterbase:images": { registry, tag: "3f2a9c1" } };
  const image = (name: string) => ({ pushed: `${registry}/${name}:3f2a9c1`, pinned: false });
  const silent = "registry.example.com did not say what it has.";
  const found = (more: { refused?: string[]; unknown?: string[] } = {}) => {
    // As with stand-ins: every image is ours.
    const roles = ["postgres", "agent", "pooler", "socketProxy", "ofelia", "duplicati", "pgAdmin"];
    const images = Object.fromEntries(roles.map((role) => [role, image(role)]));
    pushed.mockResolvedValue({ images, refused: [], unknown: [], ...more });
  };
  /** The error of a run that declares nothing. */
  async function sentence(preview: boolean): Promise<string | undefined> {
    let error: Error | undefined;
    expect(await run(preview, key, (thrown) => (error = thrown))).toEqual([]);
    return error?.message;
  }
  const warned: string[] = [];
  beforeEach(() => {
    warned.length = 0;
    makeContexts.mockClear();
    jest.spyOn(pulumi.log, "warn").mockImplementation((text) => {
      warned.push(text);
      return Promise.resolve();
    });
  });

  it("asks for the images of the stack at the place that the key names", async () => {
    found();
    await run(true, key);
    const [images, place, host] = pushed.mock.calls.at(-1)!;
    expect(Object.keys(images).sort()).toEqual([
      ...["agent", "duplicati", "ofelia", "pgAdmin", "pooler", "postgres", "socketProxy"],
    ]);
    expect([place, host]).toEqual([{ registry, tag: "3f2a9c1" }, undefined]);
  });

  it("an update makes no context", async () => {
    found();
    expect(await run(false, key)).toContain("primary-container");
    const given = makeContexts.mock.calls.flatMap(([all]) => all);
    expect(given.filter((one) => "context" in one)).toEqual([]);
  });

  it("a preview without the registry says what it cannot know, and passes", async () => {
    found({ unknown: [silent] });
    expect(await run(true, key)).toContain("primary-container");
    const rest = "So this preview leaves these images as the stack has them, and 'up' asks again.";
    expect(warned).toContain(`${silent} ${rest}`);
  });

  it("an update without the registry ends before it declares anything", async () => {
    found({ unknown: [silent] });
    expect(await sentence(false)).toBe(silent);
  });

  it("a tag that was never pushed ends a preview too", async () => {
    found({ refused: ["registry.example.com has no postgres-17."] });
    expect(await sentence(true)).toBe("registry.example.com has no postgres-17.");
  });
});
