import { defaultThresholds } from "../../../../contract/health/check";
import { disksIn } from "../../../../contract/health/checks";
import type { HealthConfig } from "../../../../contract/health/config";
import type { ServerReport } from "../../../../contract/health/report";
import { Collector } from "../../../../scripts/agent/health/collect/collector";
import type { Reports } from "../../../../scripts/agent/health/collect/reports";

// Nothing listens at port 1, so each server is down at once.
const down = { host: "127.0.0.1", port: 1 };
const config: HealthConfig = {
  ...{ stack: "dev", prefix: "p", major: 17, timeZone: "Etc/UTC", managed: true, role: "r" },
  ...{ primary: down, standbys: [{ name: "near", slot: "s", near: true, ...down }], services: [] },
  ...{ certificates: {}, slotRetention: "10GB", roles: [], settings: [], ownSettings: [] },
  ...{ thresholds: defaultThresholds, token: false },
};
const full: ServerReport = {
  ...{ state: "running", detail: "", since: "", disk: { bytes: 1000, free: 0 } },
};

async function disksOf(of: ServerReport | { unknown: string }) {
  const reports = { of: () => of, lastOf: () => full } as unknown as Reports;
  const secrets = { server: () => "x", pooler: () => "x", agentToken: () => "x" };
  const collector = new Collector(config, secrets, reports, {}, () => undefined);
  await collector.collect();
  const facts = await collector.collect();
  collector.close();
  expect(facts.primary).toMatchObject({ down: "refused" });
  return disksIn(facts);
}

it("knows the disks of servers that are down by their supervisors, while those report", async () => {
  expect(await disksOf(full)).toEqual([
    { holds: "primary", bytes: 1000, free: 0 },
    { holds: "near", bytes: 1000, free: 0 },
  ]);
  expect(await disksOf({ unknown: "Its supervisor has sent no report for 2 min." })).toEqual([]);
});
