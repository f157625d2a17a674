import { caughtUp, checksum, Lab, type Box } from "../../support/imageLab";

// A standby whose machine is gone without a word while the primary writes. On 13 the WAL sender that is
// told to end sits in a send that nobody will ever read, and the checkpoint that told it waits for it.
// What it does not prove: the same of a Mac, whose TCP has another way to give a connection up.
describe("a standby that vanishes under load", () => {
  const lab = new Lab(13);
  let primary: Box, standby: Box;

  beforeAll(async () => {
    await lab.open();
    primary = await lab.primary({
      conf: "max_slot_wal_keep_size = 64MB\nmin_wal_size = 32MB\nmax_wal_size = 64MB\nfsync = off",
    });
    await primary.until("running");
    await lab.prepare(primary);
    await primary.sql("CREATE TABLE clips (id bigserial PRIMARY KEY, note text)", "app");
    standby = await lab.standby();
    await standby.until("running", 120);
  }, 600_000);
  afterAll(() => lab.dispose(), 60_000);

  const write = (megabytes: number) =>
    primary.sql(
      `ALTER TABLE clips ALTER note SET STORAGE EXTERNAL;
       INSERT INTO clips (note) SELECT repeat(md5(n::text), 32768)
         FROM generate_series(1, ${megabytes}) n`,
      "app",
    );

  it("keeps the primary's checkpoint, and its WAL, for a minute at most", async () => {
    await lab.network().disconnect({ Container: standby.name });
    await write(160);
    const began = Date.now();
    await primary.bash(
      "timeout 150 psql -XqU postgres -h /run/pg/primary -c CHECKPOINT -c CHECKPOINT",
    );
    expect((Date.now() - began) / 1000).toBeLessThan(90);
    expect(await primary.sql("SELECT wal_status FROM pg_replication_slots")).toBe("lost");
    expect(
      Number(await primary.sql("SELECT sum(size)::bigint >> 20 FROM pg_ls_waldir()")),
    ).toBeLessThan(160);
  }, 200_000);

  it("gets a new clone when it is back", async () => {
    await lab.network().connect({ Container: standby.name });
    await standby.until("running", 120);
    await caughtUp(primary, standby);
    const sum = checksum("clips");
    expect(await standby.sql(sum, "app")).toBe(await primary.sql(sum, "app"));
  }, 200_000);
});
