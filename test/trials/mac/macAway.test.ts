import { Trip } from "../../support/macTrip";

jest.setTimeout(600_000);

// A Mac that sleeps, changes its address and is restarted. The trials cut it off for longer. This does not
// prove anything about a Mac's real sleep.
const trip = new Trip("t-mac-trip", "10.213.25", 18240);

beforeAll(() => trip.begin(), 900_000);
afterAll(() => trip.end());

/** Expects the same rows on both sides, and that the standby was not cloned again. */
async function caughtUp(clone: string): Promise<void> {
  const { mac, standby } = await trip.same();
  expect(standby).toBe(mac);
  expect(await trip.clone()).toBe(clone);
}

it("moves the standby from an address to a name, in place", async () => {
  const clone = await trip.clone();
  await trip.configure({});
  await trip.stack.up();
  await trip.until("running");
  await caughtUp(clone);
  expect((await trip.health()).detail).toContain("streaming from studio.lan:5432");
});

it("follows a Mac that was restarted", async () => {
  const clone = await trip.clone();
  await trip.mac.down();
  expect((await trip.until("degraded")).detail).toMatch(/^cut off from the primary since \d{4}-/);
  await trip.mac.up();
  await trip.until("running");
  await caughtUp(clone);
});

it("says since when the Mac is away, and follows its name to another address", async () => {
  const clone = await trip.clone();
  const address = await trip.address();
  const stop = trip.mac.edit("ResolveProjects");
  await trip.sleep();
  const { detail } = await trip.until("degraded");
  expect(detail).toMatch(
    /^cut off from the primary since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: .*studio\.lan/,
  );
  await trip.wakeElsewhere();
  expect(await trip.address()).toMatch(/^\d+\./);
  expect(await trip.address()).not.toBe(address);
  await trip.until("running");
  await stop();
  await caughtUp(clone);
});

it("names the key to change when the Mac is no longer at its address", async () => {
  const host = await trip.nobody();
  await trip.configure({ host });
  const failed = await trip.stack.pulumi(["up", "--yes", "--skip-preview"]);
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toContain(
    `No machine is at ${host}:5432: it sleeps, or it has another address now. Set laterbase:primary.host to the new one.`,
  );
  await trip.configure({});
  await trip.stack.up();
  expect((await trip.health()).state).toBe("running");
});

it("says in one sentence that the password was changed, and accepts the new one", async () => {
  const old = trip.mac.password;
  await trip.mac.setPassword("of another day");
  trip.mac.password = old;
  expect(await trip.stack.preview()).toContain(
    'The primary at studio.lan:5432 refused the password of "postgres": set laterbase:primary.superuser.password to the new one.',
  );
  await trip.configure({ slotRetention: "512MB" });
  const failed = await trip.stack.pulumi(["up", "--yes", "--skip-preview"]);
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toContain(
    'The primary at studio.lan:5432 refused the password of "postgres".',
  );
  trip.mac.password = "of another day";
  await trip.configure({ slotRetention: "512MB" });
  await trip.stack.up();
  expect(await trip.mac.sql("show max_slot_wal_keep_size")).toBe("512MB");
  expect((await trip.health()).state).toBe("running");
});
