import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { Check } from "../../../contract/health/check";
import { metricsOf, metricsType } from "../../../scripts/agent/health/metrics/metrics";
import { bad, good, snapshotOf } from "../../support/healthSnapshot";
import { HookServer, until } from "../../support/hookServer";
import {
  daemon,
  dashboardQueries,
  freePort,
  monitoring,
  Prometheus,
  query,
} from "../../support/prometheus";

// A real Prometheus scrapes a monitor that stands in for ours, by the configuration and the rules of the examples. A
// real Alertmanager sends what it alerts. Only the times are shorter.

const command = "npm run laterbase -- rebuild standby";
const fine: Check[] = [
  // One at least for each rule.
  ...["primary", "archiving", "slot laterbase_standby_slot", "pooler", "dump of app"].map((name) =>
    good(name),
  ),
  ...["repository 1", "drill", "upload", "disk of dumps", "agent", "clocks", "pgadmin"].map(
    (name) => good(name),
  ),
  good("certificate of object-store"),
  { ...good("standby"), value: 1, unit: "seconds", threshold: 60 },
  bad("images", "degraded", { command: "npm run pulumi -- up" }),
];

let folder: string;
let checks = fine;
let port: number;
let alertPort: number;
let hook: HookServer;
let prometheus: Prometheus;
const stops: (() => Promise<unknown>)[] = [];
const monitor = http.createServer((_request, answer) => {
  void metricsOf(snapshotOf(checks, new Date().toISOString())).then((text) =>
    answer.writeHead(200, { "content-type": metricsType }).end(text),
  );
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lbt-prometheus-"));
  await new Promise<void>((resolve) => monitor.listen(0, "127.0.0.1", resolve));
  hook = await HookServer.start();
  alertPort = await freePort();
  const file = (name: string) => join(folder, name);
  const { port: monitorPort } = monitor.address() as AddressInfo;
  prometheus = await Prometheus.start(monitorPort, alertPort);
  port = prometheus.port;
  writeFileSync(
    file("alertmanager.yml"),
    [
      "route: { receiver: hook, group_by: [alertname, check], group_wait: 1s, group_interval: 1s }",
      `receivers: [{ name: hook, webhook_configs: [{ url: "${hook.url("/alerts")}" }] }]`,
    ].join("\n"),
  );
  stops.push(
    () => prometheus.stop(),
    daemon(
      "prometheus-alertmanager",
      [
        ...[`--config.file=${file("alertmanager.yml")}`, `--storage.path=${file("alerts")}`],
        ...[`--web.listen-address=127.0.0.1:${alertPort}`, "--cluster.listen-address="],
      ],
      file("alertmanager.log"),
    ),
  );
}, 60_000);

afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await hook.stop();
  monitor.closeAllConnections();
  monitor.close();
  rmSync(folder, { recursive: true });
});

/** The alerts that arrived, as name, check, state and command. */
const alerts = () =>
  hook.bodies.flatMap(({ alerts: all }: { alerts: any[] }) =>
    all.map(({ status, labels, annotations }) => [
      ...[labels.alertname, labels.check, status, labels.severity, annotations.command],
    ]),
  );

const values = (expression: string) => query(port, expression).catch(() => []);

it("a real scrape answers every query of the dashboard and of the rules", async () => {
  await eventually(async () => (await values("laterbase_verdict")).length === 1, "a scrape");
  // A rate needs a second one.
  const rate = "rate(pg_stat_archiver_archived_count[1m])";
  await eventually(async () => (await values(rate)).length === 1, "a second scrape");
  const dashboard = JSON.parse(readFileSync(join(monitoring, "laterbase.dashboard.json"), "utf8"));
  const asked = dashboardQueries(dashboard);
  expect(asked.length).toBeGreaterThan(35);
  const silent: unknown[] = [];
  for (const { title, expression } of asked) {
    if ((await query(port, expression)).length === 0) silent.push([title, expression]);
  }
  expect(silent).toEqual([]);
  const { groups } = parse(readFileSync(join(monitoring, "laterbase.rules.yml"), "utf8"));
  const rules: { alert: string; expr: string }[] = groups.flatMap((group: any) => group.rules);
  for (const { alert, expr } of rules) {
    await query(port, expr);
    // The same without its limit: a rule that finds nothing to compare never alerts.
    const asked = expr.replace(/ (>=|==|>) \d+/g, " >= 0").replace(/^absent\((.*)\)$/, "$1");
    if ((await query(port, asked)).length === 0) silent.push([alert, asked]);
  }
  expect([rules.length, silent]).toEqual([18, []]);
});

it("a fault alerts with the page's command, and the alert ends when it is repaired", async () => {
  await until(() => alerts().length === 1, "the alert of what is degraded from the beginning", 30);
  checks = [
    ...fine.filter(({ name }) => name !== "standby"),
    bad("standby", "failed", { command }),
  ];
  await until(() => alerts().length >= 2, "the alert of the fault", 30);
  checks = fine;
  await until(() => alerts().length >= 3, "its end", 30);
  expect(alerts()).toEqual([
    ["LaterbaseImages", "images", "firing", "warning", "npm run pulumi -- up"],
    ["LaterbaseStandby", "standby", "firing", "critical", command],
    ["LaterbaseStandby", "standby", "resolved", "critical", expect.any(String)],
  ]);
}, 120_000);

it("a monitor that does not answer is an alert of its own", async () => {
  monitor.closeAllConnections();
  monitor.close();
  const down = () => alerts().find(([name]) => name === "LaterbaseMonitorDown");
  await until(() => down() !== undefined, "the alert", 30);
  expect(down()).toEqual([
    ...["LaterbaseMonitorDown", undefined, "firing", "critical"],
    "npm run laterbase -- status",
  ]);
}, 60_000);

async function eventually(is: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`This did not happen in 30 s: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
