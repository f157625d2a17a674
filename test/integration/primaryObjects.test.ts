import { ok } from "../support/process";
import { Stranger } from "../support/primaryServer";
import { slot, Steps } from "../support/primarySteps";

// Slot WAL limits and slots in all their states.
jest.setTimeout(600_000);

const server = new Stranger(17, { conf: ["max_wal_size = '64MB'", "min_wal_size = '32MB'"] });
const steps = new Steps(server);
const limit = () => server.sql("show max_slot_wal_keep_size");
const inFile = () =>
  server.sql("select setting from pg_file_settings where name = 'max_slot_wal_keep_size'");
/** Writes some MB of WAL, and then makes a checkpoint. */
const wal = (megabytes: number) =>
  server.sql(
    Array.from(
      { length: Math.ceil(megabytes / 16) },
      () => "select pg_logical_emit_message(false, 'x', repeat('x', 100)); select pg_switch_wal();",
    ).join("\n") + "checkpoint;",
  );
const reset = (size: string) =>
  server.sql(`alter system ${size}; select pg_reload_conf(); select pg_sleep(0.3)`);

beforeAll(() => server.start(), 600_000);
afterAll(() => server.stop(), 600_000);

describe("the slot WAL limit", () => {
  const other = new Steps(server, "laterbase/other#99999999");
  beforeEach(async () => {
    await steps.must("role");
    await other.must("role");
  });
  afterEach(async () => {
    await steps.must("role", "remove");
    await other.must("role", "remove");
  });

  it("gets the value back that was in postgresql.auto.conf", async () => {
    await reset("set max_slot_wal_keep_size = '5GB'");
    await steps.must("slotWalLimit");
    await steps.must("slotWalLimit", "apply", { size: "20GB" });
    expect(await limit()).toBe("20GB");
    expect(await steps.must("slotWalLimit", "remove")).toBe("max_slot_wal_keep_size is as it was.");
    expect([await limit(), await inFile()]).toEqual(["5GB", "5GB"]);
    await reset("reset max_slot_wal_keep_size");
  });

  it("that others changed since then stays as they set it", async () => {
    await steps.must("slotWalLimit");
    await reset("set max_slot_wal_keep_size = '7GB'");
    expect(await steps.must("slotWalLimit", "remove")).toBe(
      "max_slot_wal_keep_size was changed by others (now 7168 MB, Laterbase had set 10240 MB): it is left alone.",
    );
    expect(await limit()).toBe("7GB");
    await reset("reset max_slot_wal_keep_size");
  });

  it("is never below what another slot keeps", async () => {
    await server.sql("select pg_create_physical_replication_slot('theirs', true)");
    await wal(100);
    const said = await steps.must("slotWalLimit", "apply", { size: "64MB" });
    const [, chosen, held] =
      /^max_slot_wal_keep_size is (\d+) MB, not 64MB: another slot already keeps (\d+) MB of WAL\.$/.exec(
        said,
      )!;
    expect(Number(chosen)).toBe(2 * Number(held));
    expect(Number(held)).toBeGreaterThanOrEqual(96);
    await server.sql("checkpoint");
    expect(await server.sql("select wal_status from pg_replication_slots")).not.toBe("lost");
    await steps.must("slotWalLimit", "apply", { size: "64MB" });
    expect(await limit()).toBe(`${chosen}MB`);
    await server.sql("select pg_drop_replication_slot('theirs')");
    await steps.must("slotWalLimit", "remove");
    expect([await limit(), await inFile()]).toEqual(["-1", ""]);
  });

  it.each([
    ["the larger first", () => [steps, other]],
    ["the smaller first", () => [other, steps]],
  ])("of two stacks is the larger, until both are gone: %s", async (_, order) => {
    await steps.must("slotWalLimit", "apply", { size: "20GB" });
    expect(await other.must("slotWalLimit", "apply", { size: "10GB" })).toBe(
      "max_slot_wal_keep_size is 20480 MB, as another stack on this primary asks.",
    );
    expect(await limit()).toBe("20GB");
    const [first, last] = order();
    await first!.must("slotWalLimit", "remove");
    expect(await limit()).toBe(last === steps ? "20GB" : "10GB");
    await last!.must("slotWalLimit", "remove");
    expect([await limit(), await inFile()]).toEqual(["-1", ""]);
  });
});

it("does not wait for a synchronous standby that is away", async () => {
  await reset("set synchronous_standby_names = 'nobody'");
  await steps.applyAll();
  await steps.removeAll();
  await reset("reset synchronous_standby_names");
});

describe("a slot", () => {
  beforeEach(async () => {
    await steps.must("role");
    await steps.must("slot");
  });
  afterEach(() => steps.must("role", "remove"));

  it("keeps WAL from the first moment", async () => {
    expect(
      await server.sql(
        "select slot_type, wal_status, restart_lsn is not null from pg_replication_slots",
      ),
    ).toBe("physical|reserved|t");
  });

  it("that lost its WAL is created again", async () => {
    await steps.must("slotWalLimit", "apply", { size: "16MB" });
    await wal(160);
    expect(await server.sql("select wal_status from pg_replication_slots")).toBe("lost");
    expect(await steps.must("slot")).toContain("had lost its WAL: it is created again");
    expect(await server.sql("select wal_status from pg_replication_slots")).toBe("reserved");
    await steps.must("slotWalLimit", "remove");
  });

  it("that is streamed from is dropped with its connection, and the role with it", async () => {
    await steps.must("hba");
    await ok("docker", [
      ...["exec", "-d", "-e", "PGPASSWORD=Generated0Password1Of2Replication", server.name],
      ...["pg_receivewal", "-h", server.name, "-U", "laterbase_test", "-D", "/tmp", "-S", slot],
    ]);
    await server.sql(
      "do $$ begin for i in 1..50 loop exit when exists (select from pg_replication_slots where active); perform pg_sleep(0.1); end loop; end $$",
    );
    expect(await server.sql("select active from pg_replication_slots")).toBe("t");
    expect(await steps.must("slot", "remove")).toBe(`Slot "${slot}" is dropped.`);
    await steps.must("role", "remove");
    expect(await server.sql("select count(*) from pg_stat_replication")).toBe("0");
  });

  it("that a step made half-way goes with the role, block and slot WAL limit with it", async () => {
    await steps.must("slotWalLimit");
    await steps.must("hba");
    const said = await steps.must("role", "remove");
    expect(said).toContain('Role "laterbase_test" is dropped.');
    expect(await server.sql("select count(*) from pg_replication_slots")).toBe("0");
    expect(await limit()).toBe("-1");
    expect(await server.readHba()).not.toContain("laterbase");
  });
});
