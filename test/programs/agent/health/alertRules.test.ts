import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { monitoring, promtool } from "../../../support/prometheus";

// By Debian's promtool: what Prometheus reads is valid, and alerts what it should.

const metrics = readFileSync("test/unit/agent/health/fixtures/metrics.txt", "utf8");
const rules = (
  parse(readFileSync(join(monitoring, "laterbase.rules.yml"), "utf8")) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
  }
).groups.flatMap((group) => group.rules);

it("the metrics are valid, and only names of other exporters are against the advice", () => {
  expect(promtool(["check", "metrics"], metrics)).toEqual({
    code: 3,
    said: [
      'pg_stat_activity_count non-histogram and non-summary metrics should not have "_count" suffix',
      'pg_stat_archiver_archived_count counter metrics should have "_total" suffix',
      'pg_stat_archiver_archived_count non-histogram and non-summary metrics should not have "_count" suffix',
      'pg_stat_archiver_failed_count counter metrics should have "_total" suffix',
      'pg_stat_archiver_failed_count non-histogram and non-summary metrics should not have "_count" suffix',
    ].join("\n"),
  });
});

it("the scrape configuration and the rules are valid", () => {
  const { code, said } = promtool(["check", "config", "prometheus.yml"]);
  expect(said).toContain("SUCCESS: prometheus.yml is valid prometheus config file syntax");
  expect(said).toContain(`SUCCESS: ${rules.length} rules found`);
  expect(code).toBe(0);
});

it("the rules alert what their tests say, and nothing else", () => {
  const { code, said } = promtool(["test", "rules", "laterbase.rules.test.yml"]);
  expect([code, said]).toEqual([0, expect.stringMatching(/SUCCESS$/)]);
});

it("every rule has a test, a command, and a page that exists", () => {
  const tested = readFileSync(join(monitoring, "laterbase.rules.test.yml"), "utf8");
  for (const { alert, annotations } of rules) {
    expect(tested).toContain(`alertname: ${alert}\n`);
    expect(annotations["command"]).toContain("npm run laterbase -- ");
    const [page = "", anchor] = annotations["runbook"]!.split("#");
    expect([page, existsSync(page)]).toEqual([page, true]);
    const anchors = [...readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm)].map((heading) =>
      heading[1]!
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, "")
        .replaceAll(" ", "-"),
    );
    if (anchor !== undefined) expect(anchors).toContain(anchor);
  }
});

it("every metric that a rule or the dashboard asks for is one of ours", () => {
  const known = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const dashboard = readFileSync(join(monitoring, "laterbase.dashboard.json"), "utf8");
  const asked = new Set(
    `${dashboard}${rules.map(({ expr }) => expr).join("\n")}`.match(
      /\b(?:laterbase|pg|pgbouncer|pgbackrest)_[a-z_]+/g,
    ),
  );
  expect(asked.size).toBeGreaterThan(30);
  expect([...asked].filter((name) => !known.has(name))).toEqual([]);
});
