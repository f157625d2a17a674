import { caughtUp, checksum, Lab, type Box } from "../../support/imageLab";

// The standby's machine disappears while the primary writes. On 13, a WAL sender that is asked to end
// during a send waits for the network, and the checkpoint that asked it waits too.
// This does not prove the same for a Mac, whose TCP ends a connection in another way.
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

  it("delays the primary's checkpoint, and keeps its WAL, for a minute at most", async () => {
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

  it("gets a new clone when it returns", async () => {
    await lab.network().connect({ Container: standby.name });
    await standby.until("running", 120);
    await caughtUp(primary, standby);
    const sum = checksum("clips");
    expect(await standby.sql(sum, "app")).toBe(await primary.sql(sum, "app"));
  }, 200_000);
});
