import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import type { Check } from "../../../../contract/health/check";
import { pageServer, type PageServerArgs } from "../../../../scripts/agent/health/http/server";
import { guard } from "../../../../scripts/agent/health/http/token";
import type { Snapshot } from "../../../../scripts/agent/health/kit/snapshot";

const checks: Check[] = [
  { name: "primary", status: "good", sentence: "It answers." },
  { name: "dump of ev\x1b\u202eil", status: "failed", sentence: "<b>Old</b>.", command: "x" },
  { name: "drill", status: "pending", sentence: "There was none yet." },
];
const snapshot = (verdict: Snapshot["judged"]["verdict"]): Snapshot => ({
  at: "2026-11-29T12:00:00.123Z",
  facts: {
    ...{ at: "2026-11-29T12:00:00.123Z", primary: { unknown: "x" }, standbys: {}, slots: {} },
    agent: {
      ...{ at: "2026-11-29T12:00:00Z", timeZone: "Etc/UTC", jobs: [], running: [], disks: [] },
      repositories: [
        { repository: 1, lastBackup: { label: "a", type: "full", at: "2026-11-29T05:59:00Z" } },
      ],
      dumps: {
        count: 1,
        newest: [
          {
            ...{ id: "a/1", database: "a", takenAt: "2026-11-29T02:00:00Z" },
            ...{ bytes: 1, signature: "ours" },
          },
        ],
      },
    },
  },
  checks,
  judged: { verdict, sentence: `It is ${verdict}.` },
});

let now: Snapshot | undefined;
let lives = true;
let clock = 0;
let pages = 0;
const logged: string[] = [];
const args: PageServerArgs = {
  now: () => now,
  lives: () => lives && now !== undefined,
  lookedAgo: () => 3.5,
  page: { of: ({ judged }) => `<p>${judged.verdict} ${++pages}</p>`, styleHash: "sha256-abc=" },
  metrics: (_, lookedAgo) => Promise.resolve(`looked_ago ${lookedAgo}\n`),
  log: (sentence) => logged.push(sentence),
  clock: () => clock,
};
const server = pageServer(args);
const closed = pageServer({ ...args, token: "the token" });
afterAll(() => Promise.all([server.close(), closed.close()]));
beforeEach(() => {
  now = snapshot("healthy");
  logged.length = 0;
});
beforeAll(async () => {
  for (const one of [server, closed]) await one.listen({ host: "127.0.0.1", port: 0 });
});

interface Answer {
  statusCode: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
  json: () => unknown;
}

const ask = (method: string, path: string, headers: OutgoingHttpHeaders = {}, from = server) =>
  new Promise<Answer>((resolve, reject) => {
    const { port } = from.server.address() as { port: number };
    const options = { ...{ port, host: "127.0.0.1", agent: false, method }, path, headers };
    const asked = request(options, (answer) => {
      let body = "";
      answer.on("data", (chunk) => (body += chunk));
      answer.on("end", () => {
        const { statusCode, headers: got } = answer;
        resolve({ statusCode, headers: got, body, json: () => JSON.parse(body) as unknown });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
const get = (url: string, headers: OutgoingHttpHeaders = {}, from = server) =>
  ask("GET", url, headers, from);

describe("/health", () => {
  it("says what the last look found", async () => {
    const answer = await get("/health");
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      status: "healthy",
      timestamp: "2026-11-29T12:00:00Z",
      last_backup_age_hours: "6",
      messages: ["dump of ev\x1b\u202eil: <b>Old</b>."],
      sentence: "It is healthy.",
      checks,
    });
    // A terminal shows it as it is.
    expect(answer.body).toContain("\\u202e");
    expect(answer.body).not.toContain("\u202e");
  });

  it.each([
    ["healthy", 200],
    ["degraded", 200],
    ["unhealthy", 503],
  ] as const)("answers %s by %i", async (verdict, code) => {
    now = snapshot(verdict);
    expect((await get("/health")).statusCode).toBe(code);
  });

  it("is unhealthy before the first look, and says why", async () => {
    now = undefined;
    const answer = await get("/health");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      ...{ status: "unhealthy", last_backup_age_hours: "unknown", checks: [] },
      sentence: "The monitor has just started and has not looked yet.",
    });
    expect((await get("/", { accept: "text/html" })).json()).toMatchObject({ status: "unhealthy" });
    expect((await get("/livez")).statusCode).toBe(503);
    expect((await get("/metrics")).statusCode).toBe(503);
  });
});

it("/health does not repeat what was good before looks ended", async () => {
  lives = false;
  const answers = await Promise.all([get("/health"), get("/", { accept: "text/html" })]);
  lives = true;
  for (const answer of answers) {
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: "unhealthy",
      sentence:
        "The monitor has not looked since 2026-11-29T12:00:00Z, so nobody knows how the stack is.",
    });
  }
});

describe("/", () => {
  it.each([
    ["text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"],
    ["*/*", "application/json; charset=utf-8"],
    ["application/json", "application/json; charset=utf-8"],
    ["xtext/htmlx", "application/json; charset=utf-8"],
  ])("for %s is %s", async (accept, type) => {
    expect((await get("/", { accept })).headers["content-type"]).toBe(type);
  });

  it("is written once for each look", async () => {
    const accept = { accept: "text/html" };
    const first = (await get("/", accept)).body;
    expect((await get("/", accept)).body).toBe(first);
    now = snapshot("degraded");
    const next = (await get("/", accept)).body;
    expect(next).not.toBe(first);
    clock += 9999;
    expect((await get("/", accept)).body).toBe(next);
    clock += 1;
    expect((await get("/", accept)).body).not.toBe(next);
  });

  it("answers JSON where there is no page", async () => {
    const { page, ...without } = args;
    expect(page?.styleHash).toBe("sha256-abc=");
    const plain = pageServer(without);
    await plain.listen({ host: "127.0.0.1", port: 0 });
    expect((await get("/", { accept: "text/html" }, plain)).json()).toMatchObject({
      status: "healthy",
    });
    await plain.close();
  });
});

it("lets a page have its own style and nothing else", async () => {
  const { headers } = await get("/", { accept: "text/html" });
  expect(headers["content-security-policy"]).toBe(
    "default-src 'none'; style-src 'sha256-abc='; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  );
});

it("gives Prometheus its text", async () => {
  const { body, headers } = await get("/metrics");
  expect([body, headers["content-type"]]).toEqual([
    "looked_ago 3.5\n",
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
});

describe("every answer", () => {
  it.each(["/", "/health", "/livez", "/metrics", "/nothing", "/%"])(
    "of %s is safe",
    async (url) => {
      const { headers } = await get(url, { host: "evil.example", accept: "text/html" });
      expect(headers).toMatchObject({
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-security-policy": expect.stringMatching(
          /^default-src 'none';.*frame-ancestors 'none'; base-uri 'none'; form-action 'none'$/,
        ),
      });
      expect(headers["content-security-policy"]).not.toContain("script");
    },
  );

  it("repeats nothing of the request", async () => {
    const said = await get("/se%3Ccret%3E?q=se<cret>", { host: "se<cret>" });
    expect(said.statusCode).toBe(404);
    expect(JSON.stringify([said.body, said.headers])).not.toContain("cret");
  });

  it("to another method is none", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"] as const)
      expect((await ask(method, "/health")).statusCode).toBe(404);
    expect((await ask("HEAD", "/health")).statusCode).toBe(200);
  });

  it("says nothing of what failed inside", async () => {
    const broken = pageServer({ ...args, metrics: () => Promise.reject(new Error("a secret")) });
    await broken.listen({ host: "127.0.0.1", port: 0 });
    const { statusCode, body } = await get("/metrics", {}, broken);
    expect([statusCode, body]).toEqual([
      500,
      '{"error":"The monitor failed; its log says why."}\n',
    ]);
    expect(logged[0]).toContain("a secret");
    await broken.close();
  });
});

describe("the token", () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  it.each([
    ["none", undefined, 401],
    ["a wrong one", "Bearer the", 401],
    ["one that is too long", "Bearer the token2", 401],
    ["an empty one", "Bearer ", 401],
    ["a Basic login without a colon", basic("the token"), 401],
    ["another scheme", "Digest the", 401],
    ["Basic", basic("anybody:the token"), 200],
    ["Basic without a name", basic(":the token"), 200],
  ])("%s", async (_, authorization, code) => {
    const headers = authorization === undefined ? {} : { authorization };
    for (const url of ["/health", "/", "/metrics"])
      expect((await get(url, headers, closed)).statusCode).toBe(code);
  });

  it("that is a word works as a bearer's, in any case of the scheme", () => {
    expect(guard("word")("Bearer word")).toBe(true);
    expect(guard("word")("bEARER  word")).toBe(true);
    expect(guard("word")("Bearer word2")).toBe(false);
    expect(guard(undefined)(undefined)).toBe(true);
  });

  it("asks a browser for a login, and guards what is not there too", async () => {
    expect((await get("/", {}, closed)).headers["www-authenticate"]).toBe(
      'Basic realm="laterbase", charset="UTF-8"',
    );
    expect((await get("/nothing", {}, closed)).statusCode).toBe(401);
    expect((await get("/livez", {}, closed)).statusCode).toBe(200);
  });
});
