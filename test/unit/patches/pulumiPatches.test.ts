import * as pulumi from "@pulumi/pulumi";
import manifest from "../../../package.json";
import {
  patchPulumi,
  pulumiVersion,
  skipDebugMessages,
  pulumiPromises,
  skipPromiseTraces,
  skipSourcePositions,
} from "../../../scripts/patches/pulumiPatches";
import { render } from "../../support/mocks";

describe("patchPulumi", () => {
  it("is written for the SDK that package.json pins: after an upgrade, look at each patch again", () => {
    expect(manifest.dependencies["@pulumi/pulumi"]).toBe(pulumiVersion);
  });

  it("leaves another version unpatched, and says so in one line", () => {
    jest.doMock("@pulumi/pulumi/package.json", () => ({ version: "3.300.0" }));
    const warn = jest.spyOn(console, "warn").mockImplementation();
    const debug = () => Promise.resolve();
    const log = { debug };
    patchPulumi(log);
    expect(log.debug).toBe(debug);
    expect(warn.mock.calls).toEqual([
      [
        "Laterbase patches @pulumi/pulumi 3.259.0 to save time; 3.300.0 is installed and stays unpatched.",
      ],
    ]);
    warn.mockRestore();
    jest.dontMock("@pulumi/pulumi/package.json");
  });
});

describe("skipPromiseTraces", () => {
  it("leaves out the trace of Pulumi's promises, and of nothing else", async () => {
    const traces: (string | undefined)[] = [];
    const keeper = {
      debuggablePromise: <T>(promise: Promise<T>, context: unknown) => {
        traces.push(new Error(String(context)).stack);
        return promise;
      },
    };
    const limit = Error.stackTraceLimit;
    skipPromiseTraces(keeper);
    expect(await keeper.debuggablePromise(Promise.resolve(7), "why")).toBe(7);
    expect(traces).toEqual(["Error: why"]);
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it("is what the SDK itself calls for a new resource", async () => {
    const promises = pulumiPromises();
    const before = promises.debuggablePromise;
    const limits: number[] = [];
    promises.debuggablePromise = (promise) => {
      limits.push(Error.stackTraceLimit);
      return promise;
    };
    try {
      skipPromiseTraces();
      await render(() => void new pulumi.ComponentResource("laterbase:test:Part", "part"));
    } finally {
      promises.debuggablePromise = before;
    }
    expect(limits.length).toBeGreaterThan(0);
    expect(new Set(limits)).toEqual(new Set([0]));
    expect(Error.stackTraceLimit).toBeGreaterThan(0);
  });
});

it("skipSourcePositions leaves the SDK no frame of the program to look at", async () => {
  const kind = { callsites: () => [{}] as NodeJS.CallSite[] };
  skipSourcePositions(kind);
  expect(kind.callsites()).toEqual([]);
  // The SDK asks this one for each resource; mocks.ts applies the patch, as index.ts does.
  const own = pulumi.Resource as unknown as { callsites: () => unknown[] };
  const asked = jest.spyOn(own, "callsites");
  await render(() => void new pulumi.ComponentResource("laterbase:test:Part", "part"));
  expect(asked.mock.results.map(({ value }) => value as unknown)).toContainEqual([]);
  asked.mockRestore();
});

describe("skipDebugMessages", () => {
  const before = process.env["LATERBASE_DEBUG"];
  afterEach(() => {
    if (before === undefined) delete process.env["LATERBASE_DEBUG"];
    else process.env["LATERBASE_DEBUG"] = before;
  });

  it("drops them, unless LATERBASE_DEBUG asks for them", () => {
    const sent = jest.fn((_: string) => Promise.resolve());
    const log = { ...pulumi.log, debug: sent };
    process.env["LATERBASE_DEBUG"] = "yes";
    skipDebugMessages(log);
    void log.debug("kept");
    delete process.env["LATERBASE_DEBUG"];
    skipDebugMessages(log);
    void log.debug("dropped");
    expect(sent.mock.calls).toEqual([["kept"]]);
  });
});
