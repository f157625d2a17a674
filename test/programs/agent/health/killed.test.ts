import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { notifier } from "../../../../scripts/agent/health/notify/notifier";
import { good, later, snapshotOf } from "../../../support/healthSnapshot";
import { HookServer, until } from "../../../support/hookServer";

let folder: string;
let there: HookServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lbt-killed-"));
  there = await HookServer.start();
});
afterEach(async () => {
  await there.stop();
  rmSync(folder, { recursive: true });
});

/** Lets a process look so often, kills it in the middle of something, and returns its next look. */
async function killed(first: number, looks: number): Promise<number> {
  const words = ["--import", "tsx", "test/support/notifierChild.ts", folder, there.url()];
  const child = spawn(process.execPath, [...words, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  let next = first;
  for await (const line of createInterface({ input: child.stdout })) {
    next = Number(line) + 1;
    if (next - first === looks) child.kill("SIGKILL");
  }
  await ended;
  return next;
}

it("a monitor that is killed again and again loses no change, and repeats a message with its identity only", async () => {
  let look = 0;
  for (const looks of [7, 12, 5, 10]) look = await killed(look, looks);
  // The last run finds everything good.
  const one = notifier({
    ...{ config: { stack: "dev", timeZone: "Etc/UTC" }, pings: {}, folder, waits: [20] },
    ...{ targets: [{ kind: "webhook", url: there.url() }], log: () => undefined },
  });
  await one.note(snapshotOf([good("primary")], later(look * 10 + 100)), undefined);
  await until(() => there.bodies.at(-1)?.status === "healthy", "the last message");
  await one.stop();
  const known = new Map<string, any>();
  for (const body of there.bodies) {
    // The same message twice is the same in every word.
    if (known.has(body.id)) expect(body).toEqual(known.get(body.id));
    known.set(body.id, body);
  }
  // Each fault was told, and its end: also of the look in which the process was killed.
  const told = [...known.values()].flatMap(({ checks }) => checks);
  const faults = Array.from({ length: Math.ceil(look / 2) }, (_, index) => `check ${index * 2}`);
  expect(faults.length).toBeGreaterThan(15);
  for (const fault of faults) {
    const own = told.filter(({ name }) => name === fault).map(({ status }) => status);
    expect([fault, own.at(-1)]).toEqual([fault, "good"]);
  }
  expect(there.bodies.length - known.size).toBeLessThanOrEqual(4);
});
