import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { backendFolder } from "../cli/stack/backend";
import { type Lock, lockedBy, locksOf } from "../cli/stack/lock";
import { program } from "./program";

const project = "laterbase";
/** An `up` that clones a big standby takes hours. GitLab ends the job before that if it should. */
const mostMs = 6 * 3600_000;
const everyMs = 2000;

// freeState.ts <stack>: waits until no other run is at work on the stack, and removes the lock of one that was killed
// on this machine. A backend that is no folder has its own locks, which Pulumi itself meets.
program(async ([stack = ""]) => {
  const folder = backendFolder();
  // Plain dev in a command is the stack of `npm start`. A backend in a folder knows this organization only.
  const whole = stack.includes("/") ? stack : `organization/${project}/${stack}`;
  const end = Date.now() + mostMs;
  let said = false;
  for (;;) {
    for (const { file, lock } of locksOf(folder, project, stack).filter((one) =>
      isDead(one.lock),
    )) {
      console.log(`The run of process ${lock.pid} has ended and left its lock: it is removed.`);
      rmSync(file, { force: true });
    }
    const busy = lockedBy(folder, project, whole);
    if (!busy) return 0;
    if (Date.now() > end) throw new Error(busy);
    if (!said) console.log(busy);
    said = true;
    await pause(everyMs);
  }
});

/** Whether the run that made a lock has ended. Another program may have its number by now. */
function isDead({ hostname: where, pid }: Lock): boolean {
  if (where !== hostname()) return false;
  const { status, stdout } = spawnSync("ps", ["-o", "comm=", "-p", String(pid)], {
    encoding: "utf8",
  });
  // Without ps nobody knows.
  if (status === null) return false;
  return !stdout.trim().endsWith("pulumi");
}
