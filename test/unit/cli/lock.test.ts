import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { lockedBy } from "../../../scripts/cli/stack/lock";

const folder = mkdtempSync(join(tmpdir(), "lbt-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));
const locks = join(folder, ".pulumi/locks/organization/laterbase/prod");
const now = new Date("2026-11-29T05:54:22Z");

function lock(content: object | string): void {
  mkdirSync(locks, { recursive: true });
  writeFileSync(
    join(locks, "0f3a.json"),
    typeof content === "string" ? content : JSON.stringify(content),
  );
}
const run = { username: "ana", hostname: hostname(), timestamp: "2026-11-29T05:51:22.123456789Z" };

it("names a run that is at work, and since when", () => {
  expect(lockedBy(folder, "laterbase", "prod", now)).toBeUndefined();
  lock({ ...run, pid: process.pid });
  expect(lockedBy(folder, "laterbase", "prod", now)).toBe(
    `Another run is at work on stack prod: process ${process.pid} of ana, since 2026-11-29 05:51:22 UTC (3 min ago). Wait until it has ended. If you know that it was killed, 'npm run pulumi -- cancel --stack prod' removes its lock.`,
  );
  expect(lockedBy(folder, "laterbase", "other", now)).toBeUndefined();
  expect(lockedBy(undefined, "laterbase", "prod", now)).toBeUndefined();
});

it("takes a stack by its whole name, which its commands then have", () => {
  lock({ ...run, pid: process.pid });
  expect(lockedBy(folder, "laterbase", "organization/laterbase/prod", now)).toMatch(
    /^Another run is at work on stack organization\/laterbase\/prod: .*cancel --stack organization\/laterbase\/prod' removes its lock\.$/,
  );
});

it("names the machine, when it is another one, and judges no process there", () => {
  lock({ ...run, pid: 4194303, hostname: "nas" });
  expect(lockedBy(folder, "laterbase", "prod", now)).toContain(
    "process 4194303 of ana on nas, since 2026-11-29 05:51:22 UTC (3 min ago). Wait until",
  );
});

it("says how to remove the lock of a run that has ended", () => {
  lock({ ...run, pid: 4194303 });
  expect(lockedBy(folder, "laterbase", "prod", now)).toMatch(
    /That process has ended: 'npm run pulumi -- cancel --stack prod' removes its lock\.$/,
  );
});

it("takes a lock that is just being written for none", () => {
  lock('{"pid": 1');
  expect(lockedBy(folder, "laterbase", "prod", now)).toBeUndefined();
});
