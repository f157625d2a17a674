import { setTimeout as sleep } from "node:timers/promises";
import { Trip } from "../../support/macTrip";

jest.setTimeout(3_600_000);

const minutes = Number(process.env["LATERBASE_SLEEP_MINUTES"] ?? 5);

// A Mac that sleeps for minutes while its editors go on, and one that sleeps for longer than its slot holds
// WAL. The link breaks without notice, as it does when a Mac sleeps.
const trip = new Trip("t-mac-sleep", "10.213.26", 18245);

beforeAll(async () => {
  await trip.begin();
  await trip.configure({});
  await trip.stack.up();
  await trip.until("running");
});
afterAll(() => trip.end());

it(`catches up after ${minutes} minutes under load, in the same clone`, async () => {
  const clone = await trip.clone();
  const stop = trip.mac.edit("ResolveProjects", 200);
  await trip.sleep();
  await sleep(minutes * 60_000);
  expect((await trip.health()).detail).toContain("cut off from the primary since");
  await trip.wakeElsewhere();
  const woke = Date.now();
  await trip.until("running");
  await stop();
  const { mac, standby } = await trip.same();
  expect(standby).toBe(mac);
  expect(await trip.clone()).toBe(clone);
  process.stdout.write(`caught up ${Math.round((Date.now() - woke) / 1000)} s after it woke\n`);
});

it("clones again, by itself, when the slot was lost meanwhile", async () => {
  const clone = await trip.clone();
  const stop = trip.mac.edit("ResolveProjects", 20);
  await trip.sleep();
  await trip.outrunTheSlot();
  await trip.until("degraded");
  await trip.wake();
  await trip.until("running");
  await stop();
  const { mac, standby } = await trip.same();
  expect(standby).toBe(mac);
  expect(await trip.clone()).not.toBe(clone);
});

it("clones again when the standby was away for longer than the slot holds, and leaves the Mac its disk", async () => {
  const clone = await trip.clone();
  await trip.switchOff();
  await trip.outrunTheSlot();
  expect(Number(await trip.mac.sql("select sum(size) from pg_ls_waldir()"))).toBeLessThan(
    400 << 20,
  );
  await trip.switchOn();
  await trip.until("running");
  const { mac, standby } = await trip.same();
  expect(standby).toBe(mac);
  expect(await trip.clone()).not.toBe(clone);
});
