import { spareStackTraces } from "../../scripts/stackTraces";

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
