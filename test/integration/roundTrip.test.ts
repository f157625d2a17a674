import { randomInt } from "node:crypto";
import { inTrials } from "../support/cases";
import { RoundTripLab } from "../support/roundTrip/lab";
import { tryGenerated } from "../support/roundTrip/generated";
import { corpus } from "../support/corpus";

const majors = inTrials()
  ? (process.env.LATERBASE_MAJORS ?? "13,15,17").split(",").map(Number)
  : [17];
const schemas = Number(process.env.LATERBASE_SCHEMAS ?? (inTrials() ? 1000 : 60));
/** The same one in each npm test, another in each trial. A failure prints its seed and its path, which repeat it. */
const seed = Number(process.env.LATERBASE_SEED ?? (inTrials() ? randomInt(2 ** 31) : 20261129));
const path = process.env.LATERBASE_PATH;
/** A schema takes about three seconds with both ways. The rest of the time is for smaller failures. */
const limitMs = schemas * 8_000 + 120_000;

describe.each(majors)("what was dumped from PostgreSQL %s comes back equal", (major) => {
  const lab = new RoundTripLab(major);
  beforeAll(() => lab.open(), 300_000);
  afterAll(() => lab.close(), 60_000);

  it.each(corpus(major))(
    "$name",
    async ({ file, create, sql }) => {
      const database = `corpus ${file} "ü"`;
      try {
        await lab.makeByPsql(database, create, sql);
        expect(await lab.roundTrip(database, "standby")).toEqual([]);
        expect(await lab.roundTrip(database, "primary")).toEqual([]);
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
});
