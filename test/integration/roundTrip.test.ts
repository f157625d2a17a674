import { randomInt } from "node:crypto";
import { inTrials } from "../support/cases";
import { RoundTripLab } from "../support/roundTrip/lab";
import { tryGenerated } from "../support/roundTrip/generated";
import { corpus } from "../support/corpus";
import { documentedKinds } from "../support/tocKinds";

const majors = inTrials()
  ? (process.env.LATERBASE_MAJORS ?? "13,15,17").split(",").map(Number)
  : [17];
const schemas = Number(process.env.LATERBASE_SCHEMAS ?? (inTrials() ? 1000 : 60));
/** The same one in each npm test, another in each trial. A failure prints its seed and its path, which repeat it. */
const seed = Number(process.env.LATERBASE_SEED ?? (inTrials() ? randomInt(2 ** 31) : 20261129));
const path = process.env.LATERBASE_PATH;
/** A schema takes about three seconds with both ways. The rest of the time is for smaller failures. */
const limitMs = schemas * 8_000 + 120_000;

/** Entries that a major or this image cannot have, or that pg_dump does not list without its option -C. */
function notEverywhere(major: number): string[] {
  return [
    ...["DATABASE", "DATABASE PROPERTIES", "SECURITY LABEL", "SUBSCRIPTION", "SUBSCRIPTION TABLE"],
    // They begin every archive, and pg_restore does not list them.
    ...["ENCODING", "STDSTRINGS", "SEARCHPATH"],
    ...["STATISTICS DATA", major >= 17 ? "BLOB" : "BLOB METADATA"],
    ...(major >= 15 ? [] : ["PUBLICATION TABLES IN SCHEMA"]),
  ];
}

/** Each file goes both ways in the trials. In `npm test` every second one goes each way. */
function cases(major: number) {
  return corpus(major).map((file, n) => {
    const way = n % 2 === 0 ? (["standby"] as const) : (["primary"] as const);
    return { ...file, sources: inTrials() ? (["standby", "primary"] as const) : way };
  });
}

describe.each(majors)("what was dumped from PostgreSQL %s comes back equal", (major) => {
  const lab = new RoundTripLab(major);
  beforeAll(() => lab.open(), 600_000);
  afterAll(() => lab.close(), 600_000);

  it.each(cases(major))(
    "$name",
    async ({ file, create, sql, sources }) => {
      const database = `corpus ${file} "ü"`;
      try {
        await lab.makeByPsql(database, create, sql);
        for (const source of sources) expect(await lab.roundTrip(database, source)).toEqual([]);
      } finally {
        await lab.dropAll(database);
      }
    },
    120_000,
  );

  it(
    `${schemas} generated schemas`,
    async () => {
      expect(await tryGenerated(lab, { schemas, seed, path, limitMs })).toBeUndefined();
    },
    limitMs + 60_000,
  );

  it("in a dump of which every documented kind of entry was tried", () => {
    const untried = documentedKinds().filter((kind) => !lab.kinds.has(kind));
    expect(untried.filter((kind) => !notEverywhere(major).includes(kind))).toEqual([]);
  });
});
