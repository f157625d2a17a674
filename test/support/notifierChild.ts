import { notifier } from "../../scripts/agent/health/notify/notifier";
import { bad, good, later, snapshotOf } from "./healthSnapshot";

// A process that tells a target of a change at each look, until it is killed: <folder> <address> <first look>

const [folder = "", url = "", first = "0"] = process.argv.slice(2);
const one = notifier({
  ...{ config: { stack: "dev", timeZone: "Etc/UTC" }, pings: {}, folder, waits: [20] },
  ...{ targets: [{ kind: "webhook", url }], log: () => undefined },
});

async function looks(): Promise<void> {
  for (let look = Number(first); ; look++) {
    // Another check each time, so that none changes too often.
    const check = look % 2 === 0 ? bad(`check ${look}`, "failed") : good(`check ${look - 1}`);
    await one.note(snapshotOf([check], later(look * 10)), undefined);
    process.stdout.write(`${look}\n`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

void looks();
