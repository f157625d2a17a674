import { type Look, recentRestarts, type StandbyLook } from "../../../../scripts/cli/parts/look";
import type { Part } from "../../../../scripts/cli/parts/part";
import type { Stack, Verdict } from "../../../../scripts/cli/parts/judgement";
import { judge } from "../../../../scripts/cli/parts/verdict";

const part = (kind: Part["kind"], more: Partial<Part> = {}): Part => ({
  ...{ kind, name: kind, container: `laterbase-dev-${kind}`, host: "", superuser: "postgres" },
  ...more,
});
const health = (state: string, detail = "", healthy = state === "running") => ({
  health: { healthy, status: { state, detail } },
});
const running = (kind: Part["kind"], more: Partial<Look> = {}): Look => ({
  part: part(kind),
  found: { kind: "running" },
  ...health("running"),
  ...more,
});
const streaming: StandbyLook = { answers: true, inRecovery: true, paused: false, streaming: true };
const standby = (more: Partial<StandbyLook> = {}, look: Partial<Look> = {}): Look =>
  running("standby", { standby: { ...streaming, ...more }, ...look });
const cutOff = health("degraded", "cut off from the primary since 05:51", true);

const managed: Stack = { name: "dev", dumpsFrom: "standby" };
const external: Stack = {
  name: "editor",
  dumpsFrom: "standby",
  external: { host: "192.168.1.20", port: 5432 },
};
const record = (result: string, detail = "") => ({
  result,
  detail,
  at: "2026-11-29T03:00:05.123Z",
});
const agent = (jobs: Look["jobs"]): Look => running("agent", { jobs: jobs! });

/** The verdicts that are not good, in a line each. */
function said(stack: Stack, ...looks: Look[]): string[] {
  return judge(looks, stack)
    .filter(({ judgement }) => judgement !== "good")
    .map(({ name, judgement, sentence, next }: Verdict) =>
      [`${judgement}: ${name}: ${sentence}`, next].filter(Boolean).join(" → "),
    );
}

it("finds nothing to say of a stack that works", () => {
  const looks = [
    running("primary"),
    standby(),
    running("pooler"),
    running("pgadmin"),
    agent({ dump: record("success") }),
    running("scheduler"),
    running("scheduler-proxy", { health: { healthy: true } }),
    running("duplicati", { health: { healthy: true } }),
  ];
  expect(said(managed, ...looks)).toEqual([]);
  expect(judge(looks, managed).map(({ name }) => name)).toEqual(looks.map((one) => one.part.name));
});

it("calls no part good that has only just been started again", () => {
  const now = Date.parse("2026-11-30T10:00:05Z");
  const at = (StartedAt: string) => recentRestarts({ RestartCount: 2, State: { StartedAt } }, now);
  expect(at("2026-11-30T10:00:00.123456789Z")).toBe(2);
  expect(at("2026-11-30T09:59:50Z")).toBe(0);
  expect(at("2026-11-30T10:01:00Z")).toBe(0);
  const loop = running("pgadmin", { restarts: 2 });
  expect(said(managed, loop)).toEqual([
    "waiting: pgadmin: it ended by itself and was started again, 2 times by now, the last time a few seconds ago → docker logs --tail 50 laterbase-dev-pgadmin",
  ]);
  const failing = running("pgadmin", { restarts: 1, ...health("failed", "no room") });
  expect(said(managed, failing)).toEqual([expect.stringMatching(/^failed: pgadmin: no room/)]);
});

const logs = (kind: string) => `docker logs --tail 50 laterbase-dev-${kind}`;
const ended = {
  kind: "ended",
  exitCode: 1,
  restarting: false,
  outOfMemory: false,
  why: "",
} as const;

it.each<[string, Stack, Look[], string[]]>([
  [
    "a container that was removed",
    managed,
    [{ part: part("pooler"), found: { kind: "missing" } }],
    ["failed: pooler: there is no container laterbase-dev-pooler → npm start"],
  ],
  [
    "a container that was stopped, of another stack",
    { ...managed, name: "prod" },
    [{ part: part("scheduler"), found: ended }],
    ["failed: scheduler: it is stopped: exit code 1 → npm run pulumi -- up --refresh --stack prod"],
  ],
  [
    "a container that ends after each start",
    managed,
    [{ part: part("agent"), found: { ...ended, restarting: true } }],
    [`failed: agent: it ends again and again after its start: exit code 1 → ${logs("agent")}`],
  ],
  [
    "a container that was killed for its memory",
    managed,
    [{ part: part("duplicati"), found: { ...ended, outOfMemory: true, exitCode: 137 } }],
    ["failed: duplicati: it is stopped: it had too little memory → npm start"],
  ],
  [
    "a container that is frozen",
    managed,
    [{ part: part("pgadmin"), found: { kind: "frozen" } }],
    ["failed: pgadmin: its processes are frozen → docker unpause laterbase-dev-pgadmin"],
  ],
  [
    "an engine that does not answer",
    managed,
    [
      {
        part: part("standby", { host: "ssh://me@nas", name: "far" }),
        found: { kind: "unknown", why: "it did not answer in time" },
      },
    ],
    [
      "failed: far: its engine does not answer: it did not answer in time → docker -H ssh://me@nas version",
    ],
  ],
  [
    "a page that does not answer",
    managed,
    [running("pgadmin", health("starting", "pgAdmin does not answer yet"))],
    [`waiting: pgadmin: pgAdmin does not answer yet → ${logs("pgadmin")}`],
  ],
  [
    "a health check that cannot be asked",
    managed,
    [{ part: part("duplicati"), found: { kind: "running" } }],
    [`failed: duplicati: its health check gave no answer → ${logs("duplicati")}`],
  ],
  [
    "a health check without words",
    managed,
    [running("scheduler-proxy", { health: { healthy: false } })],
    [`failed: scheduler-proxy: its health check fails → ${logs("scheduler-proxy")}`],
  ],
  [
    "a scheduler in its first minute",
    managed,
    [running("scheduler", { health: { healthy: false }, young: true })],
    ["pending: scheduler: it has just started"],
  ],
  [
    "a replay that was paused",
    managed,
    [standby({ paused: true })],
    [
      "failed: standby: its replay is paused, so it falls behind its primary → docker exec laterbase-dev-standby psql -h /run/pg/standby -U postgres -d template1 -c 'SELECT pg_wal_replay_resume()'",
    ],
  ],
  [
    "a replay that a drill has paused",
    managed,
    [
      standby({ paused: true }, health("stalled", "replay is paused")),
      running("agent", { jobs: { dump: record("success") }, drillPauses: true }),
    ],
    ["degraded: standby: a drill reads it, so its replay is paused for at most ten minutes"],
  ],
  [
    "a replay that was paused on another engine than that of a drill",
    managed,
    [
      { ...standby({ paused: true }), part: part("standby", { host: "ssh://far" }) },
      running("agent", { jobs: { dump: record("success") }, drillPauses: true }),
    ],
    [
      "failed: standby: its replay is paused, so it falls behind its primary → docker -H ssh://far exec laterbase-dev-standby psql -h /run/pg/standby -U postgres -d template1 -c 'SELECT pg_wal_replay_resume()'",
    ],
  ],
  [
    "a standby that was promoted",
    managed,
    [standby({ inRecovery: false, streaming: false })],
    [
      "failed: standby: it was promoted and follows no primary → npm run laterbase -- rebuild standby",
    ],
  ],
  [
    "a stalled standby, although something streams",
    managed,
    [standby({}, health("stalled", "replay stands at 0/3000000"))],
    [`failed: standby: replay stands at 0/3000000 → ${logs("standby")}`],
  ],
  [
    "a standby that was refused by a primary that answers",
    managed,
    [standby({ streaming: false, primary: "accepts" }, cutOff)],
    [`failed: standby: cut off from the primary since 05:51 → ${logs("standby")}`],
  ],
  [
    "a standby that still says that it runs",
    managed,
    [standby({ streaming: false, primary: "accepts" })],
    [`failed: standby: nothing streams from its primary, which answers → ${logs("standby")}`],
  ],
  [
    "a standby whose server does not answer, while its health check still knows a good state",
    managed,
    [standby({ answers: false, inRecovery: false, streaming: false })],
    [`failed: standby: its server gives no answer → ${logs("standby")}`],
  ],
  [
    "a standby that is cloned",
    managed,
    [standby({ answers: false, inRecovery: false, streaming: false }, health("cloning", "43 %"))],
    [`waiting: standby: 43 % → ${logs("standby")}`],
  ],
  [
    "a standby that must not follow its primary",
    managed,
    [standby({ answers: false, streaming: false }, health("blocked", "another cluster"))],
    [`failed: standby: another cluster → ${logs("standby")}`],
  ],
  [
    "an external primary that sleeps",
    external,
    [standby({ streaming: false, primary: "silent" }, cutOff)],
    [
      "degraded: primary: 192.168.1.20:5432 does not answer: it sleeps, is off, or has another address. What needs it goes on when it is back",
      "degraded: standby: its primary does not answer; it serves reads of what it has",
    ],
  ],
  [
    "an external primary that one of two standbys does not reach",
    external,
    [
      standby({ streaming: false, primary: "silent" }, cutOff),
      standby({}, { part: part("standby", { name: "second" }) }),
    ],
    [
      `failed: standby: its primary does not answer; it serves reads of what it has → ${logs("standby")}`,
    ],
  ],
  [
    "an external primary that is starting",
    external,
    [standby({ streaming: false, primary: "rejects" }, cutOff)],
    [
      "waiting: primary: 192.168.1.20:5432 is starting or stopping",
      `waiting: standby: its primary is starting or stopping → ${logs("standby")}`,
    ],
  ],
  [
    "a first full backup under way, and no word of dumps where there are none",
    { name: "dev", backsUp: true },
    [agent({})],
    [
      "pending: backups: the first full backup has not ended yet → npm run laterbase -- list-backups",
    ],
  ],
  [
    "the last backup that failed after a good one, and a verify that found damage",
    { name: "dev", backsUp: true },
    [
      agent({
        "backup-full": { ...record("success"), at: "2026-11-28T02:00:00Z" },
        "backup-incr": record("failed", "Repository 2 does not answer."),
        "verify-backups": record("failed", "The repository is damaged."),
      }),
    ],
    [
      "failed: backups: the last one, at 2026-11-29 03:00:05 UTC, failed: Repository 2 does not answer. → npm run laterbase -- backup",
      "failed: verify of the backups: the last one, at 2026-11-29 03:00:05 UTC, failed: The repository is damaged. → npm run laterbase -- verify",
    ],
  ],
  [
    "a backup that failed before a good one",
    { name: "dev", backsUp: true },
    [
      agent({
        "backup-full": record("success"),
        "backup-incr": { ...record("failed"), at: "2026-11-28T02:00:00Z" },
      }),
    ],
    [],
  ],
  [
    "an external primary that refuses the superuser",
    { ...external, refused: "The primary refuses the password." },
    [standby()],
    ["failed: primary: The primary refuses the password."],
  ],
  [
    "a managed primary that a standby does not reach is no degraded one",
    managed,
    [standby({ streaming: false, primary: "silent" }, cutOff)],
    [
      `failed: standby: its primary does not answer; it serves reads of what it has → ${logs("standby")}`,
    ],
  ],
  [
    "a dump that failed",
    managed,
    [agent({ dump: record("failed", "Database mfi: the disk is full.") })],
    [
      "failed: dumps: the last one, at 2026-11-29 03:00:05 UTC, failed: Database mfi: the disk is full. → npm run laterbase -- dump",
    ],
  ],
  [
    "dumps of a primary that sleeps",
    { ...external, dumpsFrom: "primary" },
    [
      standby({ streaming: false, primary: "silent" }, cutOff),
      agent({ dump: record("failed", "No answer.") }),
    ],
    [
      expect.stringMatching(/^degraded: primary/),
      expect.stringMatching(/^degraded: standby/),
      "degraded: dumps: the last one, at 2026-11-29 03:00:05 UTC, failed: No answer. → npm run laterbase -- dump --stack editor",
    ],
  ],
  [
    "dumps that nobody has made yet",
    managed,
    [agent({})],
    ["pending: dumps: the first dump has not ended yet → npm run laterbase -- list-dumps"],
  ],
  [
    "an upload that failed",
    managed,
    [agent({ dump: record("success"), upload: record("failed", "403 from the target.") })],
    [
      "failed: uploads: the last one, at 2026-11-29 03:00:05 UTC, failed: 403 from the target. → npm run laterbase -- upload",
    ],
  ],
  [
    "a pooler whose clients wait",
    managed,
    [running("pooler", { paused: true })],
    [
      "degraded: pooler: its clients wait, because it is paused → npm run laterbase -- resume-pooler",
    ],
  ],
])("names %s", (_, stack, looks, lines) => expect(said(stack, ...looks)).toEqual(lines));

it("says how old the word of a supervisor may be, because replay may have been resumed since", () => {
  const [stalled] = judge([standby({}, health("stalled", "replay is paused"))], managed);
  const [paused] = judge([standby({ paused: true })], managed);
  expect([stalled?.ageMs, paused?.ageMs]).toEqual([35_000, undefined]);
});
