import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import { type History, openHistory } from "../../../../scripts/agent/health/history/history";
import type { Answer } from "../../../../scripts/agent/health/page/answers";
import { guideOf, guides } from "../../../../scripts/agent/health/page/guide";
import { html } from "../../../../scripts/agent/health/page/html";
import { lossAnswer } from "../../../../scripts/agent/health/page/loss";
import { nodesOf } from "../../../../scripts/agent/health/page/nodes";
import { pageOf, styleHash } from "../../../../scripts/agent/health/page/page";
import { proofAnswer } from "../../../../scripts/agent/health/page/proof";
import { recoveryAnswer } from "../../../../scripts/agent/health/page/recovery";
import type { Snapshot } from "../../../../scripts/agent/health/kit/snapshot";
import { clockOf } from "../../../../scripts/agent/health/page/times";
import * as snapshots from "../../../support/healthSnapshots";

const { healthy, degraded, unhealthy, unknown, empty, external, hostile, hostileNames, moment } =
  snapshots;
const now = new Date(moment);
const clock = clockOf(now, "Europe/London");
const folder = mkdtempSync(join(tmpdir(), "lbt-page-"));
let history: History;

beforeAll(() => (history = openHistory(folder, (sentence) => expect(sentence).toBe(""))));
afterAll(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

const page = (snapshot: Snapshot, later = 0) =>
  pageOf(snapshot, history, {
    stack: "homelab",
    timeZone: "Europe/London",
    now: new Date(now.getTime() + later * 1000),
  });

const shortly = ({ look, short, lines }: Answer) => [
  `${look}: ${short}`,
  ...lines.map((line) => `${line.look}: ${line.what}: ${line.how}`),
];

describe("what would be lost", () => {
  test("is the age of the newest copy, and of each", () => {
    expect(shortly(lossAnswer(healthy.facts, clock))).toEqual([
      "good: 0.3 s",
      "good: standby: 0.3 s",
      "good: standby attic: 1.8 s",
      "good: repository 1: 38 s",
      "good: repository 2: 41 s",
      "good: dumps, by the oldest of the newest: 7 min",
    ]);
  });

  test("does not count on a standby whose lag is unknown, nor on a repository that cannot be read", () => {
    expect(shortly(lossAnswer(unhealthy.facts, clock))).toEqual([
      "good: 3 min",
      "unknown: standby: unknown",
      "unknown: standby attic: unknown",
      "good: repository 1: 3 min",
      "failed: repository 2: cannot be read",
      "good: dumps, by the oldest of the newest: 7 min",
    ]);
  });

  test("is unknown where nothing could be asked, and everything where there is no copy", () => {
    expect(shortly(lossAnswer(unknown.facts, clock))[0]).toBe("unknown: Unknown");
    expect(shortly(lossAnswer(empty.facts, clock))).toEqual([
      "pending: Everything",
      "pending: repository 1: no backup yet",
      "pending: dumps, by the oldest of the newest: no dump yet",
    ]);
    const alone: StackFacts = {
      at: moment,
      primary: healthy.facts.primary,
      standbys: {},
      slots: {},
    };
    expect(shortly(lossAnswer(alone, clock))).toEqual(["failed: Everything"]);
  });

  test("a promoted standby is no copy, and a dump that was changed neither", () => {
    const agent = healthy.facts.agent!;
    if (isUnknown(agent)) throw new Error("no agent");
    const facts: StackFacts = {
      ...healthy.facts,
      standbys: { standby: { ...healthy.facts.standbys["standby"], inRecovery: false } as never },
      agent: {
        ...agent,
        repositories: [],
        dumps: { count: 1, newest: [{ ...agent.dumps!.newest[0]!, signature: "changed" }] },
      },
    };
    expect(shortly(lossAnswer(facts, clock))).toEqual([
      "pending: Everything",
      "failed: standby: was promoted",
      "failed: dumps, by the oldest of the newest: some were changed afterwards",
    ]);
  });
});

test("a copy of the future has no age, nor have dumps that are gone or that nobody wants", () => {
  const agent = healthy.facts.agent!;
  if (isUnknown(agent)) throw new Error("no agent");
  const [one] = agent.repositories!;
  const newestWal = { segment: "0000000300000A2B00000011", at: "2030-01-01T00:00:00Z" };
  const said = (change: object) => {
    const changed = { ...agent, repositories: [{ ...one!, newestWal }], ...change };
    return shortly(lossAnswer({ ...healthy.facts, standbys: {}, agent: changed }, clock));
  };
  const dumps = agent.dumps!;
  const name = "dumps, by the oldest of the newest";
  expect(said({})).toEqual([
    ...["good: 7 min", "unknown: repository 1: lies in the future", `good: ${name}: 7 min`],
  ]);
  expect(said({ dumps: { ...dumps, wanted: ["homelab_jarvis"] } }).at(-1)).toBe(
    `good: ${name}: 6 min`,
  );
  const whole = dumps.newest.map(({ database }) => database);
  expect(said({ dumps: { ...dumps, wanted: whole } }).at(-1)).toBe(`good: ${name}: 7 min`);
  const [first, ...others] = dumps.newest;
  expect(said({ dumps: { ...dumps, wanted: whole, newest: others } }).at(-1)).toBe(
    `failed: ${name}: some databases have none`,
  );
  const changed = { ...first!, signature: "changed" };
  for (const some of [[changed, ...others], [changed]])
    expect(
      said({ dumps: { ...dumps, newest: some, wanted: some.map(({ database }) => database) } }).at(
        -1,
      ),
    ).toBe(`failed: ${name}: some were changed afterwards`);
  expect(said({ dumps: { ...dumps, missing: ["immich"] } }).at(-1)).toBe(
    `failed: ${name}: some are missing`,
  );
  expect(said({ dumps: { ...dumps, problem: "It is away." } }).at(-1)).toBe(
    `failed: ${name}: cannot be read`,
  );
});

test("a dump of the future proves nothing", () => {
  const { agent } = external.facts;
  if (agent === undefined || isUnknown(agent)) throw new Error("no agent");
  const ahead = { startedAt: "2030-01-01T00:00:00Z", endedAt: "2030-01-01T00:01:00Z" };
  const jobs = agent.jobs.map((job) => ({ ...job, success: ahead }));
  const said = shortly(proofAnswer({ ...external.facts, agent: { ...agent, jobs } }, clock));
  expect(said[0]).toBe("pending: None yet");
  expect(said).toContain("unknown: dump, checked: in the future");
});

describe("how long a restore takes", () => {
  test("is what the fastest drill measured", () => {
    expect(shortly(recoveryAnswer(healthy.facts, clock))).toEqual([
      "good: 7 min",
      "none: repository 1: 7 min for 28 GB",
      "none: repository 2: 15 min for 28 GB",
    ]);
  });

  test("grows with the data", () => {
    const primary = healthy.facts.primary;
    if (isUnknown(primary)) throw new Error("no primary");
    const databases = [{ name: "one", bytes: 56.2e9, clients: 0 }];
    const answer = recoveryAnswer({ ...healthy.facts, primary: { ...primary, databases } }, clock);
    expect(answer.short).toBe("about 14 min");
  });

  test("is not known before a drill, without backups and without an answer", () => {
    expect(
      [empty, external, unknown].map(({ facts }) => shortly(recoveryAnswer(facts, clock))),
    ).toEqual([["pending: Not measured yet"], ["none: Not measured"], ["unknown: Unknown"]]);
  });
});

test("the last proof is a drill's, and a dump's where there are no drills", () => {
  expect(shortly(proofAnswer(healthy.facts, clock))).toEqual([
    "good: 22 h ago",
    "good: drill of repository 1: 22 h ago",
    "good: drill of repository 2: 22 h ago",
    "good: verify: 23 h ago",
    "good: dump, checked: 6 min ago",
  ]);
  expect(shortly(proofAnswer(unhealthy.facts, clock)).at(-1)).toBe(
    "failed: dump, checked: failed 6 min ago",
  );
  expect(shortly(proofAnswer(external.facts, clock))).toEqual([
    "good: 6 min ago",
    "good: dump, checked: 6 min ago",
  ]);
  expect(shortly(proofAnswer(empty.facts, clock))[0]).toBe("pending: None yet");
  expect(shortly(proofAnswer(unknown.facts, clock))).toEqual(["unknown: Unknown"]);
});

test("the picture has every part, what feeds it, and whether it flows", () => {
  const parts = nodesOf(degraded, clock).map(({ title, status, lines, from }) => [
    ...[title, status, lines.join(" / ")],
    from ? `${from.id} ${from.flows ? "→" : "×"} ${from.what}` : "",
  ]);
  expect(parts).toEqual([
    ["Pooler", "unknown", "no answer", ""],
    ["Primary", "good", "PostgreSQL 17.5, 29 GB / 37 of 200 connections", "pooler × queries"],
    ["standby", "good", "0.3 s behind", "primary → streams"],
    ["attic", "degraded", "5 min behind / standby", "primary → streams"],
    ["Repository 1", "good", "WAL 38 s ago / diff backup 65 min ago", "primary → WAL"],
    ["Repository 2", "good", "WAL 41 s ago / diff backup 62 min ago", "primary → WAL"],
    ["Agent", "good", "168 dumps, 6 min ago / waits", "primary → dumps"],
    ["Off-site", "good", "uploaded 5 min ago", "agent → uploads"],
  ]);
});

test("a part that does not answer is unknown, never good", () => {
  const statuses = nodesOf({ ...unknown, checks: [] }, clock).map(({ title, status }) => [
    title,
    status,
  ]);
  expect(statuses).toEqual([
    ["Pooler", "unknown"],
    ["Primary", "unknown"],
    ["standby", "unknown"],
    ["Agent", "unknown"],
  ]);
});

test("a monitor that does not look any more is unknown, whatever it saw last", () => {
  expect(page(healthy, 60)).toContain("<title>Healthy · homelab · Laterbase</title>");
  const old = page(healthy, 61);
  expect(old).toContain("<title>Unknown · homelab · Laterbase</title>");
  expect(old).toContain("The monitor has not looked for 61 s. What follows is what it saw then.");
});

test("the template escapes every value, in text and in attributes", () => {
  const value = `<a href='x' onclick="y">&amp;\u202e\u0000`;
  expect(html`<b title="${value}">${value}</b>`.text).toBe(
    `<b title="&lt;a href=&#39;x&#39; onclick=&quot;y&quot;&gt;&amp;amp;\\u202e\\x00">&lt;a href=&#39;x&#39; onclick=&quot;y&quot;&gt;&amp;amp;\\u202e\\x00</b>`,
  );
  expect(html`${[undefined, false, 0, html`<i></i>`, ["<"]]}`.text).toBe("0<i></i>&lt;");
});

test("no name of a database opens a tag or shows a control character", () => {
  const text = page(hostile);
  for (const name of hostileNames.filter((one) => /[<>&\u202e]/.test(one)))
    expect(text).not.toContain(name);
  // eslint-disable-next-line no-control-regex -- they are what this is about
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\u202a-\u202e]/);
  expect(text.match(/<(script|img|iframe|link|object)\b/g)).toBeNull();
  // Between quotes there may be anything: what is left are the tags with the names of their attributes.
  const tags = [...text.matchAll(/<[a-z](?:"[^"]*"|[^>"])*>/g)].map(([tag]) =>
    tag.replace(/"[^"]*"/g, ""),
  );
  expect(tags.length).toBeGreaterThan(500);
  expect(tags.filter((tag) => /\s(on\w+|style)=/.test(tag))).toEqual([]);
});

test("the policy's hash is that of the one style in the page", () => {
  const styles = [...page(healthy).matchAll(/<style>(.*?)<\/style>/gs)].map(([, style]) => style!);
  expect(styles).toHaveLength(1);
  expect(styleHash).toBe(`sha256-${createHash("sha256").update(styles[0]!).digest("base64")}`);
});

test("times are those of the zone, with UTC in their titles", () => {
  const summer = clockOf(new Date("2026-07-01T12:00:00Z"), "Europe/London");
  expect(summer.zone).toBe("Europe/London, BST");
  expect(summer.at("2026-07-01T11:05:09Z").text).toBe(
    '<time datetime="2026-07-01T11:05:09.000Z" title="2026-07-01 11:05:09 UTC">12:05</time>',
  );
  expect(summer.at("2026-06-30T11:05:09Z").text).toContain(">30 Jun 12:05<");
  expect(summer.at("2025-06-30T11:05:09Z").text).toContain(">30 Jun 2025 12:05<");
  expect(summer.at("no time").text).toBe("unknown");
  expect(clockOf(now, "Etc/UTC").zone).toBe("Etc/UTC, UTC");
});

test("each page that a problem names exists, with its section", () => {
  const project = join(__dirname, "../../../..");
  for (const guide of guides) {
    const [file, section] = guide.split("#");
    expect({ guide, there: existsSync(join(project, file!)) }).toEqual({ guide, there: true });
    const sections = readFileSync(join(project, file!), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("#"))
      .map((line) =>
        line
          .replace(/^#+ /, "")
          .toLowerCase()
          .replace(/[^\w -]/g, "")
          .replace(/ /g, "-"),
      );
    expect(sections).toContain(section);
  }
  expect(guideOf("nas", ["nas"])).toBe("docs/failures.md#symptoms");
  expect(guideOf("nas")).toBe("docs/health-checks.md#every-check");
});

test("what cannot be kept is said on the page", () => {
  const broken: History = {
    ...{ note: history.note, close: () => undefined },
    ...{ knownSystem: () => undefined, accepted: () => undefined },
    ...{
      sinceOf: () => undefined,
      left: () => [],
      unarchived: () => ({}),
      growth: () => undefined,
      days: () => [],
      outages: () => [],
      lag: () => [],
    },
    problem: () => "The history cannot be kept: database or disk is full.",
  };
  const text = pageOf(healthy, broken, { stack: "homelab", timeZone: "Etc/UTC", now });
  expect(text).toContain("<strong>The history cannot be kept: database or disk is full.</strong>");
});

test("the newest dumps are shown also while the primary is down", () => {
  const rows = [...page(unhealthy).matchAll(/<section class="databases">.*?<\/section>/gs)]
    .flatMap(([section]) => section.split("<tr>").slice(2))
    .map((row) =>
      row
        .replace(/<[^>]+>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
    );
  expect(rows).toEqual([
    "homelab_jarvis unknown size unknown clients dump 6 min ago, 3.1 GB",
    "immich unknown size unknown clients dump 7 min ago, 2.2 GB",
    "paperless unknown size unknown clients dump 7 min ago, 400 MB",
  ]);
});

test("lag of the last day is the worst of each quarter of an hour, and now", () => {
  const text = page(healthy);
  const lags = [...text.matchAll(/<dl class="lags">.*?<\/dl>/gs)].join("");
  const said = lags
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  // Nothing was noted in this history.
  expect(said).toBe("standby unknown, now 0.3 s attic unknown, now 1.8 s");
});
