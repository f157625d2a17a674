import lock from "../../../package-lock.json";
import stubs from "../../../scripts/patches/dockerode.json";
import { stubDockerode } from "../../../scripts/patches/dockerodeStubs";

const packages = lock.packages as Record<string, { version?: string }>;

describe("stubDockerode", () => {
  it.each(stubs)(
    "is written for the $library that is pinned: after an upgrade, look at the stub again",
    ({ library, version }) => {
      expect(packages[`node_modules/${library}`]?.version).toBe(version);
    },
  );

  it("leaves another version unpatched, and says so in one line each", () => {
    for (const { library } of stubs)
      jest.doMock(`${library}/package.json`, () => ({ version: "9.9.9" }));
    const warn = jest.spyOn(console, "warn").mockImplementation();
    const before = Object.keys(require.cache);
    stubDockerode();
    expect(Object.keys(require.cache)).toEqual(before);
    expect(warn.mock.calls.map(([line]) => line as string)).toEqual([
      expect.stringMatching(/^Laterbase patches dockerode 5.0.1 .* 9.9.9 is installed/),
      expect.stringMatching(/^Laterbase patches docker-modem 5.0.7 .* 9.9.9 is installed/),
    ]);
    warn.mockRestore();
  });
});
