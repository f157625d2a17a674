import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { buildSync } from "esbuild";

const folder = mkdtempSync(join(tmpdir(), "lbt-killed-"));
const program = join(folder, "writer.cjs");
const place = join(folder, "history");

beforeAll(() => {
  const writer = join(__dirname, "../../../support/historyWriter.ts");
  buildSync({ entryPoints: [writer], bundle: true, platform: "node", outfile: program });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a writer, kills it at some moment after its first line, and returns what it had noted. */
function killed(first: number, after: number): Promise<{ noted: number[]; said: string }> {
  return new Promise((resolve, reject) => {
    const args = ["--disable-warning=ExperimentalWarning", program, place, String(first)];
    const child = spawn(process.execPath, args);
    let [out, said, planned] = ["", "", false];
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (!planned) setTimeout(() => child.kill("SIGKILL"), after);
      planned = true;
    });
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.on("error", reject);
    // A last line without its end was not acknowledged.
    child.on("close", () => resolve({ noted: out.split("\n").slice(0, -1).map(Number), said }));
  });
}

test("a history that is killed twenty times is whole, and has every change that it had noted", async () => {
  const acknowledged: number[] = [];
  let next = 170_000_000;
  for (let round = 0; round < 20; round++) {
    const { noted, said } = await killed(next, (round * 37) % 150);
    expect({ said, some: noted.length > 0 }).toEqual({ said: "", some: true });
    acknowledged.push(...noted);
    // The killed one may have written one look more than it could say.
    next = noted.at(-1)! + 2;
  }
  const database = new DatabaseSync(join(place, "history.sqlite"));
  expect(database.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  const rows = database.prepare("SELECT sentence FROM changes WHERE name = 'one'").all();
  const kept = new Set(rows.map((row) => Number(row["sentence"])));
  database.close();
  expect(acknowledged.length).toBeGreaterThan(200);
  // A writer that begins with the status of the last one changes nothing with its first look.
  const firsts = new Set(acknowledged.filter((one) => !acknowledged.includes(one - 1)));
  expect(acknowledged.filter((one) => !kept.has(one) && !firsts.has(one))).toEqual([]);
  expect(readdirSync(place).filter((name) => name.includes("damaged"))).toEqual([]);
}, 60_000);
