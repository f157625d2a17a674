import * as pulumi from "@pulumi/pulumi";
import { spareDebugMessages, spareStackTraces } from "../../../scripts/patches/pulumiPatches";

describe("spareStackTraces", () => {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  afterEach(() => {
    Object.defineProperty(Error, "prepareStackTrace", { configurable: true, ...before });
  });

  it("leaves out Pulumi's own, and maps every other as before", () => {
    Error.prepareStackTrace = () => "mapped";
    spareStackTraces();
    function debuggablePromise() {
      return new Error("kept").stack;
    }
    expect(debuggablePromise()).toBe("Error: kept");
    expect(new Error("told").stack).toBe("mapped");
  });

  it("has nothing to do where nobody maps", () => {
    Object.defineProperty(Error, "prepareStackTrace", { configurable: true, value: undefined });
    spareStackTraces();
    expect(Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")?.value).toBeUndefined();
  });
});

describe("spareDebugMessages", () => {
  const before = process.env["LATERBASE_DEBUG"];
  afterEach(() => {
    if (before === undefined) delete process.env["LATERBASE_DEBUG"];
    else process.env["LATERBASE_DEBUG"] = before;
  });

  it("drops them, unless somebody wants to read them", () => {
    const sent = jest.fn((_: string) => Promise.resolve());
    const log = { ...pulumi.log, debug: sent };
    process.env["LATERBASE_DEBUG"] = "yes";
    spareDebugMessages(log);
    void log.debug("kept");
    delete process.env["LATERBASE_DEBUG"];
    spareDebugMessages(log);
    void log.debug("dropped");
    expect(sent.mock.calls).toEqual([["kept"]]);
  });
});
