import { createServer, type Server } from "node:http";
import { createServer as createTcp, type Server as TcpServer } from "node:net";
import type { Client } from "pg";
import { certificatesOf, imageBuiltAt } from "../../../../scripts/agent/health/collect/ages";
import { askOverview } from "../../../../scripts/agent/health/collect/agent";
import type { WantedRole } from "../../../../contract/health/config";
import {
  bytesOf,
  driftOf,
  driftSql,
  lackingSql,
  type SeenRole,
  type SeenSettings,
  waitingOf,
} from "../../../../scripts/agent/health/collect/drift";
import { askPooler } from "../../../../scripts/agent/health/collect/pooler";
import { askFacts } from "../../../../scripts/agent/health/collect/serverSession";
import { reach } from "../../../../scripts/agent/health/collect/services";
import { newestTimeline } from "../../../../scripts/agent/health/collect/timeline";
import type { StackFacts } from "../../../../contract/health/facts";

const coded = (code: string) => Object.assign(new Error("words"), { code });

describe("facts", () => {
  /** Answers each fact with its name, and refuses a statement with one of these. */
  const clientThat = (fails: Record<string, string>) => {
    const asked: string[] = [];
    const query = ({ text }: { text: string }) => {
      asked.push(text);
      const names = [...text.matchAll(/'(\w+)',/g)].map(([, name]) => name!);
      const failing = names.find((name) => name in fails);
      if (failing) return Promise.reject(coded(fails[failing]!));
      return Promise.resolve({ rows: [{ facts: Object.fromEntries(names.map((n) => [n, n])) }] });
    };
    return { client: { query } as unknown as Client, asked };
  };
  const sql = { a: "1", b: "2", c: "3" };

  it("are one statement", async () => {
    const { client, asked } = clientThat({});
    expect(await askFacts(client, sql)).toEqual({ a: "a", b: "b", c: "c" });
    expect(asked).toEqual(["SELECT json_build_object('a', 1,\n'b', 2,\n'c', 3) AS facts"]);
  });

  it("are asked for one by one when the server refuses one", async () => {
    const { client, asked } = clientThat({ b: "57014" });
    expect(await askFacts(client, sql)).toEqual({ a: "a", c: "c" });
    expect(asked).toHaveLength(4);
  });

  it("are not asked for again in a session that is lost", async () => {
    const { client, asked } = clientThat({ b: "ECONNRESET" });
    await expect(askFacts(client, sql)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(asked).toHaveLength(1);
  });
});

it("reads PgBouncer's console", async () => {
  const shown: Record<string, object[]> = {
    "SHOW POOLS": [
      { database: "pgbouncer", user: "pgbouncer", pool_mode: "statement" },
      {
        ...{ database: "app", user: "u", cl_active: "3", cl_waiting: "2", sv_active: "1" },
        ...{ sv_idle: "1", sv_used: "0", maxwait: "7", maxwait_us: "500000" },
        pool_mode: "transaction",
      },
    ],
    "SHOW DATABASES": [
      { name: "pgbouncer", paused: "0" },
      { name: "app", paused: "1" },
    ],
    "SHOW CONFIG": [{ key: "max_client_conn", value: "105" }],
  };
  const client = { query: (text: string) => Promise.resolve({ rows: shown[text] }) };
  expect(await askPooler(client as unknown as Client)).toEqual({
    ...{ paused: true, mostClients: 105 },
    pools: [
      {
        ...{ database: "app", user: "u", mode: "transaction", maxWait: 7.5 },
        clients: { active: 3, waiting: 2 },
        servers: { active: 1, idle: 1, used: 0 },
      },
    ],
  });
});

describe("the agent", () => {
  const overview = { at: "x", timeZone: "y", jobs: [], running: [], disks: [] };
  let answer: [number, string] = [200, ""];
  let token: string | undefined;
  const server: Server = createServer((request, reply) => {
    token = request.headers.authorization;
    reply.writeHead(answer[0]).end(answer[1]);
  });
  const port = () => (server.address() as { port: number }).port;
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const ask = () => askOverview({ host: "127.0.0.1", port: port() }, "the token");

  it("is asked with the token", async () => {
    answer = [200, JSON.stringify(overview)];
    expect(await ask()).toEqual(overview);
    expect(token).toBe("Bearer the token");
  });

  it.each<[number, string, string | RegExp]>([
    [401, "", "It does not accept the monitor's token."],
    [500, "", "It answers with the status 500."],
    [200, "{}", "Its answer is that of another release."],
    [200, "no", /JSON/],
    [200, " ".repeat(9_000_000), "Its answer is too long."],
  ])("that answers %i %.4s is not seen", async (code, text, sentence) => {
    answer = [code, text];
    await expect(ask()).rejects.toThrow(sentence);
  });
});

describe("a service", () => {
  const server: TcpServer = createTcp((socket) => socket.end());
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));

  it("is reached, and then is not", async () => {
    const where = { host: "127.0.0.1", port: (server.address() as { port: number }).port };
    expect(await reach(where)).toEqual({ reached: true });
    await new Promise((resolve) => server.close(resolve));
    await expect(reach(where)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("drift", () => {
  const standbys = [{ name: "a", host: "a", port: 1, slot: "a", near: true }];
  const role = (name: string, change: Partial<WantedRole> = {}): WantedRole => ({
    ...{ name, purpose: "by which standbys replicate", replicates: true, bypassesPolicies: false },
    ...{ memberships: [], settings: {}, ...change },
  });
  const roles = [
    role("laterbase_prod"),
    role("app", { purpose: "which owns it", database: "a b" }),
  ];
  const wanted = {
    ...{ managed: true, slotRetention: "10GB", standbys, roles },
    ...{ settings: ["work_mem", "wal_buffers"], ownSettings: ["wal_level", "archive_mode"] },
  };
  const fine: SeenRole = {
    ...{ isThere: true, sound: true, lacks: [], unset: [], owner: null, open: false },
  };
  const seen = (
    change: Partial<SeenSettings> = {},
    own: Partial<SeenRole> = {},
    owners: Partial<SeenRole> = {},
  ): SeenSettings => ({
    ...{ slotRetention: 10 * 1024 ** 3, waiting: [], overruled: [] },
    roles: { laterbase_prod: { ...fine, ...own }, app: { ...fine, owner: "app", ...owners } },
    ...change,
  });

  it.each<[string, SeenSettings, string[]]>([
    ["nothing", seen(), []],
    [
      "no limit",
      seen({ slotRetention: -1 }),
      [
        "max_slot_wal_keep_size is without a limit, and the stack wants 10GB: a standby that is away can fill the primary's disk.",
      ],
    ],
    [
      "a smaller limit",
      seen({ slotRetention: 512 * 1024 ** 2 }),
      [
        "max_slot_wal_keep_size is 512 MB, and the stack wants 10GB: a standby that is away is lost sooner than was meant.",
      ],
    ],
    // `up` chose it: a slot holds more already, or another stack needs it.
    ["a larger limit", seen({ slotRetention: 20 * 1024 ** 3 }), []],
    [
      "a value of the stack that ALTER SYSTEM has replaced from the next start on",
      seen({ overruled: ["work_mem"], waiting: ["wal_buffers", "max_locks_per_transaction"] }),
      ["ALTER SYSTEM overrules the stack's values of wal_buffers, work_mem."],
    ],
    [
      "values of ALTER SYSTEM",
      seen({ overruled: ["TimeZone", "work_mem"] }),
      ["ALTER SYSTEM overrules the stack's values of TimeZone, work_mem."],
    ],
    [
      "a role that is gone",
      seen({}, { isThere: false, sound: null }),
      ['The role "laterbase_prod", by which standbys replicate, is gone.'],
    ],
    [
      "a changed role",
      seen({}, { sound: false, lacks: ["pg_monitor", "pg_x"], unset: ["search_path"] }),
      [
        'The role "laterbase_prod", by which standbys replicate, has other attributes than it was given.',
        'The role "laterbase_prod", by which standbys replicate, lacks the rights of pg_monitor, pg_x.',
        'The role "laterbase_prod", by which standbys replicate, lost its setting search_path.',
      ],
    ],
    ["a database that is gone", seen({}, {}, { owner: null }), ['The database "a b" is gone.']],
    [
      "a database of another owner",
      seen({}, {}, { owner: "postgres", open: true }),
      [
        'The database "a b" belongs to "postgres" instead of "app".',
        'Everybody may connect to the database "a b".',
      ],
    ],
    // It could not be asked for.
    ["a role without an answer", { ...seen(), roles: {} }, []],
  ])("names %s", (_, found, sentences) => expect(driftOf(found, wanted)).toEqual(sentences));

  it("of the limit of slots is none where nothing replicates", () => {
    const found = seen({ slotRetention: -1 }, { sound: false });
    expect(driftOf(found, { ...wanted, standbys: [] })).toEqual([
      'The role "laterbase_prod", by which standbys replicate, has other attributes than it was given.',
    ]);
  });

  it("names what waits for a restart of a primary that Laterbase runs", () => {
    const found = seen({ waiting: ["wal_buffers", "max_locks_per_transaction", "wal_level"] });
    // The stack's own, wal_buffers, is drift.
    expect(waitingOf(found, wanted)).toEqual({
      waiting: ["max_locks_per_transaction"],
      changedOwn: ["wal_level"],
    });
    expect(waitingOf(found, { ...wanted, managed: false })).toEqual({
      waiting: [],
      changedOwn: [],
    });
  });

  it("asks for the stack's roles, whatever they are called", () => {
    const odd = role("a'b\\", { settings: { search_path: "pg_catalog" }, connections: 5 });
    const asked = driftSql({ roles: [odd], settings: ["work_mem", "my.one"] });
    expect(asked).toContain("ANY (ARRAY['work_mem', 'my.one']::text[])");
    expect(asked).toContain(
      String.raw`json_to_recordset( E'[{"name":"a''b\\\\","purpose":"by which standbys replicate","replicates":true,"bypassesPolicies":false,"memberships":[],"connections":5,"settings":["search_path=pg_catalog"]}]')`,
    );
    expect([bytesOf("256MB"), bytesOf("2TB"), bytesOf("x")]).toEqual([
      ...[256 * 1024 ** 2, 2 * 1024 ** 4, undefined],
    ]);
  });
});

it("asks which databases are not there, whatever they are called", () => {
  expect(lackingSql(["app", "a'b"])).toContain("unnest(ARRAY['app', 'a''b']::text[])");
  expect(lackingSql([])).toContain("unnest(ARRAY[]::text[])");
});

describe("the newest timeline", () => {
  const cluster = (timeline: number, systemIdentifier = "7") => ({ systemIdentifier, timeline });
  const on = (primary: object, standby?: number) =>
    ({
      ...{ at: "", slots: {}, primary },
      standbys: standby ? { a: { streaming: true, timeline: standby } } : {},
    }) as unknown as StackFacts;

  it("is an older one once every standby follows it", () => {
    expect(newestTimeline(undefined, on(cluster(3)))).toEqual(cluster(3));
    expect(newestTimeline(cluster(3), on(cluster(4)))).toEqual(cluster(4));
    expect(newestTimeline(cluster(3), on(cluster(2)))).toEqual(cluster(3));
    expect(newestTimeline(cluster(3), on(cluster(2), 3))).toEqual(cluster(3));
    expect(newestTimeline(cluster(3), on(cluster(2), 2))).toEqual(cluster(2));
    expect(newestTimeline(cluster(3), on({ unknown: "" }))).toEqual(cluster(3));
  });

  it("is an older one that a person accepted, and no other one", () => {
    const back = on(cluster(2));
    expect(newestTimeline(cluster(3), back, cluster(1))).toEqual(cluster(3));
    expect(newestTimeline(cluster(3), back, cluster(2, "8"))).toEqual(cluster(3));
    expect(newestTimeline(cluster(3), back, cluster(2))).toEqual(cluster(2));
  });

  it("is that of the stack's cluster: what another one says counts when it has taken its place", () => {
    const other = { ...cluster(9, "8"), before: cluster(3) };
    expect(newestTimeline(cluster(3), on(other))).toEqual(cluster(3));
    const young = { ...cluster(1, "8"), before: cluster(3) };
    expect(newestTimeline(cluster(3), on(young), cluster(1, "8"))).toEqual(cluster(1, "8"));
    // After a day without standbys, or when every standby follows.
    const taken = { ...cluster(1, "8"), before: cluster(1, "8") };
    expect(newestTimeline(cluster(3), on(taken))).toEqual(cluster(1, "8"));
  });
});

it("knows how old things are, and says what it cannot read", () => {
  const said: string[] = [];
  expect(certificatesOf({ pgadmin: "no certificate" }, (sentence) => said.push(sentence))).toEqual(
    {},
  );
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^the certificate of pgadmin cannot be read: /);
  expect(imageBuiltAt("/nowhere")).toBeUndefined();
  expect(imageBuiltAt(__filename)).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});
