import { cases } from "../support/cases";
import { caughtUp, Lab } from "../support/imageLab";

// In every case the standby keeps its rows, which may be the last copy.
// When the primary raised a setting, 13 ends recovery; 14 and newer pause it.
describe.each(cases([17], [13]))("a primary %i that raises its settings", (major) => {
  const lab = new Lab(major);
  afterAll(() => lab.dispose(), 600_000);

  it("is followed by a standby that starts again with them", async () => {
    await lab.open();
    const primary = await lab.primary();
    await primary.until("running");
    await lab.prepare(primary);
    const standby = await lab.standby({ tuning: "max_connections = 150\nwork_mem = '5MB'\n" });
    await standby.until("running");
    expect(await standby.sql("SHOW max_connections")).toBe("150");
    expect(await standby.sql("SHOW work_mem")).toBe("5MB");
    await primary.sql("ALTER SYSTEM SET max_connections = 321");
    await primary.sql("ALTER SYSTEM SET max_worker_processes = 33");
    await primary.container.restart();
    await primary.until("running");
    await primary.sql("CREATE TABLE after_raise AS SELECT 7 AS n");
    await caughtUp(primary, standby);
    await standby.until("running");
    expect(await standby.sql("SELECT n FROM after_raise")).toBe("7");
    expect(await standby.sql("SHOW max_connections")).toBe("321");
    expect(await standby.sql("SHOW max_worker_processes")).toBe("33");
  }, 600_000);
});
