import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Surface } from "../support/fuzz/surface";
import { openSurface, surfaceNames } from "../support/fuzz/surfaces";

// Every HTTP surface and socket of ours, over real sockets on 127.0.0.1. The long rounds are in
// test/trials/hostile.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "lbt-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(surfaceNames)("%s", (name) => {
  let surface: Surface;
  beforeAll(async () => (surface = await openSurface(name, folder)));
  afterAll(() => surface.close());

  it("survives every bad request", async () => {
    expect(await surface.corpus()).toBeGreaterThan(100);
  });

  it("survives changed bytes", async () => {
    await surface.mutations(120, 20261128);
  });

  it("takes no more memory for requests that never end", async () => {
    expect(await surface.endless(3, 20)).toBeLessThan(100);
  });
});
