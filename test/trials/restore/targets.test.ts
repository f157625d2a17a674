import { drawn, exactly, kinds } from "../../support/drawnTargets";
import { RestoreLab } from "../../support/restoreLab";

// Targets between commits, drawn at random while other sessions write. Each has exactly the rows of its moment.
const one = process.env["LATERBASE_MAJOR"];
const every = [
  [17, 20],
  [15, 4],
  [13, 4],
] as const;

describe.each(every.filter(([major]) => one === undefined || major === Number(one)))(
  "of PostgreSQL %s, %s drawn targets",
  (major, many) => {
    const lab = new RestoreLab(major);
    const most = 900;

    beforeAll(async () => {
      await lab.open();
      await lab.load(0, 300);
      await lab.backups.run("incr");
      // Targets are also drawn from what is written while a backup runs.
      await Promise.all([lab.load(300, 300), lab.backups.run("incr")]);
      await lab.load(600, 310);
      await lab.backups.run("check");
    }, 300_000);
    afterAll(() => lab.dispose(), 60_000);

    const targets = Array.from(
      { length: many },
      (_, index) => [index + 1, kinds[index % 3]!] as const,
    );
    it.each(targets)(
      "%i: by %s",
      async (_index, kind) => {
        const { words, rows } = await drawn(lab, kind, [1, most]);
        const { code, result } = await lab.laterbase(["restore", ...words]);
        expect([words, code, result["error"]]).toEqual([words, 0, undefined]);
        expect([words, await lab.rows(lab.restored)]).toEqual([words, exactly(rows)]);
        await lab.laterbase(["restore", "--remove", "--yes"]);
        expect(await lab.left()).toEqual([]);
      },
      60_000,
    );
  },
);
