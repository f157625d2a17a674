import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FakeWal } from "../../../../support/fakeWal";
import { stack } from "../../../../support/restoreFacts";
import { microsOf } from "../../../../../contract/pgTime";
import { parseListing, segmentOf } from "../../../../../scripts/agent/pgBackRest/archive";
import { parseInfo } from "../../../../../scripts/agent/pgBackRest/info";
import { beginIn } from "../../../../../scripts/agent/pgBackRest/restore/begin";
import type {
  RepositoryFacts,
  ResolvedWish,
} from "../../../../../scripts/agent/pgBackRest/restore/facts";
import { planIn } from "../../../../../scripts/agent/pgBackRest/restore/plan";
import { search } from "../../../../../scripts/agent/pgBackRest/restore/search";

// What pgBackRest itself printed, in the images of PostgreSQL 13, 15 and 17.
const folder = join(__dirname, "../recorded");

function factsOf(release: string): RepositoryFacts {
  const text = (name: string) => readFileSync(join(folder, release, name), "utf8");
  const segments = parseListing(text("repo-ls.json")).flatMap(({ path, bytes, at }) => {
    const segment = segmentOf(path);
    return segment === undefined ? [] : [{ segment, bytes, at: microsOf(at) }];
  });
  const backups = parseInfo(text("info.json")).current;
  return { number: 1, location: "x", backups, segments, histories: new Map(), invalid: [] };
}

async function plan(release: string, wish: ResolvedWish) {
  const facts = factsOf(release);
  const around = stack();
  const beginning = beginIn(facts, wish, around);
  if ("refused" in beginning) return beginning.refused.code;
  const sought = await search(beginning, facts, wish, new FakeWal(new Map()));
  const planned = planIn(beginning, facts, wish, around, sought);
  return "refused" in planned
    ? planned.refused.code
    : [planned.set.label, planned.wal.from.slice(-1), planned.wal.to.slice(-1), planned.wal.bytes];
}

const lsn = (text: string): ResolvedWish => ({ target: { kind: "lsn", lsn: text } });
const newest: ResolvedWish = { target: { kind: "latest" } };

describe("pgBackRest 2.55", () => {
  const [full, incr, diff] = [
    ...[
      "20261129-102703F",
      "20261129-102703F_20261129-102708I",
      "20261129-102703F_20261129-102710D",
    ],
  ];

  it.each<[string, ResolvedWish, unknown]>([
    ["everything", newest, [diff, "5", "9", 16_063_634]],
    ["everything behind a set", { ...newest, set: full ?? "" }, [full, "2", "9", 21_559_500]],
    [
      "the end of a set",
      { target: { kind: "immediate" }, set: incr ?? "" },
      [incr, "4", "4", 69_354],
    ],
    ["an LSN", lsn("0/3000028"), [full, "2", "3", 5_426_512]],
    ["the end of a backup", lsn("0/4000120"), [incr, "4", "4", 69_354]],
    ["an LSN just before it", lsn("0/400011F"), [full, "2", "4", 5_495_866]],
    ["an LSN before all of them", lsn("0/200011F"), "before-oldest"],
    ["an LSN after them", lsn("0/A000000"), "after-last"],
  ])("plans %s", async (_name, wish, expected) => {
    expect(await plan("2.55", wish)).toEqual(expected);
  });
});

describe("pgBackRest 2.33", () => {
  const [full, incr] = ["20261129-103458F", "20261129-103458F_20261129-103504I"];

  it.each<[string, ResolvedWish, unknown]>([
    ["everything", newest, [incr, "4", "6", 10_688_426]],
    // It does not say where a backup ends, so its last segment belongs to it.
    ["an LSN in the segment of a backup", lsn("0/4FFFFFF"), [full, "2", "4", 5_482_711]],
    ["an LSN behind it", lsn("0/5000000"), [incr, "4", "5", 5_378_919]],
    ["an LSN in the first backup", lsn("0/2FFFFFF"), "before-oldest"],
  ])("plans %s", async (_name, wish, expected) => {
    expect(await plan("2.33", wish)).toEqual(expected);
  });
});
