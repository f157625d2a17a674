import * as pulumi from "@pulumi/pulumi";
import manifest from "../../../package.json";
import {
  patchPulumi,
  pulumiVersion,
  skipDebugMessages,
  skipPromiseTraces,
} from "../../../scripts/patches/pulumiPatches";

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
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  afterEach(() => {
    Object.defineProperty(Error, "prepareStackTrace", { configurable: true, ...before });
  });

  it("leaves out Pulumi's own, and maps every other as before", () => {
    Error.prepareStackTrace = () => "mapped";
    skipPromiseTraces();
    function debuggablePromise() {
      return new Error("kept").stack;
    }
    expect(debuggablePromise()).toBe("Error: kept");
    expect(new Error("told").stack).toBe("mapped");
  });

  it("does nothing where no mapping is installed", () => {
    Object.defineProperty(Error, "prepareStackTrace", { configurable: true, value: undefined });
    skipPromiseTraces();
    expect(Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")?.value).toBeUndefined();
  });
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
