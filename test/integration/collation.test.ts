import { probeWords } from "../../scripts/primary/collationWords";
import { cases } from "../support/cases";
import { type Box, caughtUp, Lab } from "../support/imageLab";
import { codePoint, lookUps, step, tables } from "../support/collationLab";

// A Mac's collation under Debian's names, in the same image. What it does not prove: that a Mac's own
// strcoll sorts by code point. Because of that, the primary is asked how it sorts.
describe.each(cases([17], [13]))("a primary of PostgreSQL %i that sorts by code point", (major) => {
  const lab = new Lab(major);
  let primary: Box, collation: string;

  beforeAll(async () => {
    await lab.open();
    primary = await lab.primary({
      databases: ["app", "Odd \"na'me \\é"],
      init: { "01.sql": tables },
      env: [codePoint],
    });
    await primary.until("running");
    await lab.prepare(primary);
    await primary.sql(
      "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'de_DE' LC_CTYPE 'de_DE'",
    );
    await primary.sql("CREATE DATABASE plain TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'");
    collation = await step(lab, primary, "collation");
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  it("says how it sorts in each of its databases, under each collation of its indexes", () => {
    const { words, orders } = JSON.parse(collation) as Probe;
    expect(words).toEqual(probeWords);
    expect(orders.map(({ locale }) => locale).sort()).toEqual([
      "de_DE",
      "de_DE.utf8",
      "en_US.UTF-8",
    ]);
    const bytes = [...probeWords].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const { locale, order: sorted } of orders)
      if (locale !== "de_DE") expect(sorted.map((n) => words[n - 1])).toEqual(bytes);
  });

  it("has a standby that sorts the same, and so finds every row", async () => {
    const standby = await lab.standby({ collation });
    await standby.until("running");
    await caughtUp(primary, standby);
    expect(await standby.status()).toMatchObject({ sorts: "code-point", order: "unverified" });
    expect(await standby.log()).toContain("text is sorted in code-point order, as on the primary");
    expect(await standby.sql(lookUps, "app")).toBe("200");
    expect(await standby.sql("SELECT upper('äß') || to_char(5000.5, '9G999D9')", "app")).toBe(
      await primary.sql("SELECT upper('äß') || to_char(5000.5, '9G999D9')", "app"),
    );
    expect(await standby.sql("SELECT current_database()", "latin")).toBe("latin");
    // It still does after it was started again.
    await standby.stop();
    await standby.container.start();
    await standby.until("running");
    expect(await standby.sql(lookUps, "app")).toBe("200");
    await lab.remove(standby);
  }, 600_000);

  it("has one that misses rows when it does not know how the primary sorts: the check exists for this", async () => {
    const standby = await lab.standby();
    await standby.until("running");
    expect(Number(await standby.sql(lookUps, "app"))).toBeLessThan(100);
    expect(await standby.status()).not.toHaveProperty("order");
    await lab.remove(standby);
  }, 600_000);

  it("has one that says so when no locale of its image sorts as the primary does", async () => {
    const other = JSON.parse(collation) as Probe;
    for (const one of other.orders) one.order.reverse();
    const standby = await lab.standby({ collation: JSON.stringify(other) });
    const status = await standby.until("running");
    expect(status).toMatchObject({ order: "differs", healthy: true });
    expect(status.detail).toMatch(
      /; a source of dumps only: the primary sorts text as no locale here does under de_DE, de_DE\.utf8, en_US\.UTF-8$/,
    );
    await lab.remove(standby);
  }, 600_000);
});

describe("a primary of PostgreSQL 17 that sorts as Debian does", () => {
  const lab = new Lab(17);
  afterAll(() => lab.dispose(), 600_000);

  it("has a standby that does, too", async () => {
    await lab.open();
    const primary = await lab.primary({ init: { "01.sql": tables } });
    await primary.until("running");
    await lab.prepare(primary);
    const standby = await lab.standby({ collation: await step(lab, primary, "collation") });
    await standby.until("running");
    await caughtUp(primary, standby);
    expect(await standby.status()).toMatchObject({ sorts: "debian", order: "unverified" });
    expect(await standby.sql(lookUps, "app")).toBe("200");
  }, 600_000);
});

/** What the step prints. */
interface Probe {
  words: string[];
  orders: { locale: string; order: number[] }[];
}
