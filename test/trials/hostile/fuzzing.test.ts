import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Surface } from "../../support/fuzz/surface";
import { openSurface, surfaceNames } from "../../support/fuzz/surfaces";

// The long rounds of test/programs/fuzz.test.ts: other bytes in each run, and a minute without end. A
// failure names the seed.
jest.setTimeout(400_000);

const folder = mkdtempSync(join(tmpdir(), "lbt-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(surfaceNames)("%s", (name) => {
  let surface: Surface;
  beforeAll(async () => (surface = await openSurface(name, folder)));
  afterAll(() => surface.close());

  it("survives changed bytes for two minutes", async () => {
    for (const end = Date.now() + 120_000; Date.now() < end;) {
      await surface.mutations(1600, Date.now() % 2 ** 31);
    }
  });

  it("takes no more memory in a minute of requests that never end", async () => {
    expect(await surface.endless(60, 200)).toBeLessThan(150);
  });
});
