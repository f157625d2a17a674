import { containerName, restoreWork } from "../../../contract/names";
import { connect } from "../../../scripts/engine/connect";
import { exactly } from "../../support/drawnTargets";
import { sleep } from "../../support/imageLab";
import { RestoreLab } from "../../support/restoreLab";

const major = Number(process.env["LATERBASE_MAJOR"] ?? 17);

describe("a restore beside the primary that is killed", () => {
  const lab = new RestoreLab(major);
  const work = () =>
    connect()
      .getContainer(containerName(lab.prefix, restoreWork))
      .inspect()
      .then(
        () => true,
        () => false,
      );

  beforeAll(async () => {
    await lab.open();
    // Enough that the copy takes a while.
    await lab.primary.bash("pgbench -h /run/pg/primary -U postgres -i -s 15 -q app");
    await lab.backups.run("incr");
    await lab.load(0, 50);
    await lab.backups.run("check");
  }, 300_000);
  afterAll(() => lab.dispose(), 60_000);

  it.each([
    ["while it copies", /restored \d+ % of/],
    ["when it has copied", /restored [\d.]+ MB of data/],
    ["while it replays", /starting/],
  ])(
    "%s: its programs end with it, and the next run begins anew",
    async (_when, progress) => {
      await lab.killed(["restore"], progress);
      for (const end = Date.now() + 15_000; (await work()) && Date.now() < end;) await sleep(200);
      expect(await work()).toBe(false);
      const listed = await lab.laterbase(["restore"]);
      expect([listed.code, listed.result["error"]]).toEqual([0, undefined]);
      expect(listed.progress).toContainEqual(
        "an earlier restore was not finished: removing what it left",
      );
      expect(await lab.rows(lab.restored)).toBe(exactly(50));
      await lab.laterbase(["restore", "--remove", "--yes"]);
      expect(await lab.left()).toEqual([]);
    },
    90_000,
  );

  it("is removed by --remove too", async () => {
    await lab.killed(["restore"], /restored \d+ % of/);
    for (const end = Date.now() + 15_000; (await work()) && Date.now() < end;) await sleep(200);
    expect((await lab.laterbase(["restore", "--remove", "--yes"])).code).toBe(0);
    expect(await lab.left()).toEqual([]);
  }, 60_000);

  it("keeps a second one away while it is at work, which leaves it alone", async () => {
    const first = lab.laterbase(["restore"]);
    for (const end = Date.now() + 30_000; !(await work()) && Date.now() < end;) await sleep(50);
    const second = await lab.laterbase(["restore"]);
    const done = await first;
    expect([second.code, second.result["error"]]).toEqual([
      4,
      expect.stringMatching(/is at work: wait for it|There is a restored server already/),
    ]);
    expect([done.code, await lab.rows(lab.restored)]).toEqual([0, exactly(50)]);
    await lab.laterbase(["restore", "--remove", "--yes"]);
  }, 90_000);

  it("leaves nothing when it is interrupted", async () => {
    const interrupted = new AbortController();
    const run = lab.laterbase(["restore"], interrupted.signal);
    for (const end = Date.now() + 30_000; !(await work()) && Date.now() < end;) await sleep(50);
    await sleep(1000);
    interrupted.abort();
    const { code, result } = await run;
    expect([code, result["error"]]).toEqual([1, "Interrupted: nothing of the restore is left."]);
    expect(await lab.left()).toEqual([]);
  }, 60_000);
});
