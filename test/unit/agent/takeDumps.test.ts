import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { TakenDumps } from "../../../contract/agentReplies";
import { takeDumps } from "../../../scripts/agent/restore/takeDumps";
import { DumpsFolder } from "../../support/unit/dumpsFolder";

const token = "0123456789abcdef";
const received = `.partial/received-${token}`;
const now = new Date();
const day = (ago: number) => new Date(now.getTime() - ago * 86_400_000);
const stamp = (time: Date) => time.toISOString().replace(/[-:]|\.\d+/g, "");

let dumps: DumpsFolder;
beforeEach(() => {
  dumps = new DumpsFolder();
});
afterEach(() => dumps.remove());
const said: string[] = [];
const take = (name = token) =>
  takeDumps(
    { token: name },
    dumps.context,
    (line) => said.push(line),
    new AbortController().signal,
  ) as Promise<TakenDumps>;
const add = (at: string, database: string, ago: number, signed?: "changed") =>
  dumps.add(`${received}/${at}/${stamp(day(ago))}`, database, day(ago).toISOString(), signed);

it("gives each dump its name, also below a path of its own", async () => {
  add("app", "app", 0);
  add("backups/other", "other", 0.5);
  const { taken, there, bad, expiring } = await take();
  const ids = [`app/${stamp(day(0))}`, `other/${stamp(day(0.5))}`];
  expect(taken.map(({ id, signature }) => [id, signature])).toEqual(ids.map((id) => [id, "ours"]));
  expect([there, bad, expiring]).toEqual([[], [], []]);
  for (const id of ids) {
    const folder = join(dumps.backups, id);
    expect(readdirSync(folder)).toHaveLength(3);
    expect(statSync(join(folder, "manifest.json")).mode & 0o777).toBe(0o640);
  }
});

it("leaves a dump that is there as it is", async () => {
  const id = `app/${stamp(day(0))}`;
  dumps.add(id, "app", day(0).toISOString());
  writeFileSync(join(dumps.backups, id, "mine"), "mine");
  add("app", "app", 0);
  expect(await take()).toMatchObject({ taken: [], there: [id], bad: [] });
  expect(readFileSync(join(dumps.backups, id, "mine"), "utf8")).toBe("mine");
});

it("leaves out what is damaged, changed or no dump, and takes the others", async () => {
  add("app", "app", 0);
  add("spoilt", "spoilt", 0);
  writeFileSync(join(dumps.backups, received, "spoilt", stamp(day(0)), "spoilt.backup"), "x");
  add("forged", "forged", 0, "changed");
  add("linked", "linked", 0);
  symlinkSync("/etc/passwd", join(dumps.backups, received, "linked", stamp(day(0)), "link"));
  dumps.add(`${received}/half/x`, "half", day(0).toISOString());
  writeFileSync(join(dumps.backups, received, "half/x/manifest.json"), "{");
  const { taken, bad } = await take();
  expect(taken.map(({ database }) => database)).toEqual(["app"]);
  expect(bad.map(({ problem }) => problem).sort()).toEqual([
    expect.stringMatching(/^The manifest of forged\/.* was changed after this stack signed it/),
    expect.stringMatching(/^half\/x is not used as a dump/),
    expect.stringMatching(/^link is not a file, and a dump of ours holds only files/),
    expect.stringMatching(/^spoilt\/.* is damaged/),
  ]);
  for (const name of ["spoilt", "forged", "linked", "half"]) {
    expect(existsSync(join(dumps.backups, name))).toBe(false);
  }
});

it("names those that the next clean-up removes", async () => {
  dumps.add(`app/${stamp(day(0))}`, "app", day(0).toISOString());
  add("app", "app", 20);
  add("lonely", "lonely", 20);
  expect((await take()).expiring).toEqual([`app/${stamp(day(20))}`]);
});

it.each(["", "../etc", "0123456789abcdeX", `${token}/..`])("refuses the token %j", (name) =>
  expect(take(name)).rejects.toThrow("needs the token"),
);
