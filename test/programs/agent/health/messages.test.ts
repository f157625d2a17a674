import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../../../../contract/health/check";
import type { NotifyTarget, PingedJob } from "../../../../contract/health/config";
import { type Notifier, notifier } from "../../../../scripts/agent/health/notify/notifier";
import { printTest } from "../../../../scripts/agent/health/notify/test";
import {
  bad,
  good,
  later,
  overview,
  snapshotOf,
  stackFacts,
} from "../../../support/healthSnapshot";
import { HookServer, ownCertificate, until } from "../../../support/hookServer";

let folder: string;
let log: string[];
const servers: HookServer[] = [];
const running: Notifier[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-notify-"));
  log = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await Promise.all(servers.splice(0).map((one) => one.stop()));
  rmSync(folder, { recursive: true });
});

async function server(...starting: Parameters<typeof HookServer.start>): Promise<HookServer> {
  const one = await HookServer.start(...starting);
  servers.push(one);
  return one;
}

function started(
  targets: NotifyTarget[],
  pings: Partial<Record<PingedJob, string>> = {},
  waits: readonly number[] = [30, 60],
  timeoutMs = 5000,
): Notifier {
  const one = notifier({
    ...{ config: { stack: "dev", timeZone: "Etc/UTC" }, targets, pings, folder },
    ...{ log: (sentence: string) => log.push(sentence), timeoutMs, waits },
  });
  running.push(one);
  return one;
}

const hook = (one: HookServer, path = "/secret-path"): NotifyTarget => ({
  ...{ kind: "webhook", url: one.url(path), token: "t0ken" },
});

const look = (one: Notifier, seconds: number, ...checks: Check[]) =>
  one.note(snapshotOf(checks, later(seconds)), undefined);

/** What a message says of checks. */
const changes = (body: { checks: { name: string; was: string; status: string }[] }) =>
  body.checks.map(({ name, was, status }) => `${name}: ${was} → ${status}`);

it("a target gets one message a change, in order, also where it answers slowly", async () => {
  const there = await server();
  there.answers = [(answer) => setTimeout(() => answer.writeHead(204).end(), 150)];
  const one = started([hook(there)]);
  await look(one, 0, bad("standby", "failed"));
  await look(one, 10, bad("standby", "failed"));
  await look(one, 20, good("standby"));
  await until(() => there.arrived.length === 2, "two messages");
  expect(there.bodies.map(changes)).toEqual([
    ["standby: good → failed"],
    ["standby: failed → good"],
  ]);
  expect(log).toEqual([]);
});

it("a message that meets errors is sent again with the same identity, and the log has no address", async () => {
  const there = await server();
  there.answers = [500, 503, (answer) => answer.destroy()];
  const one = started([hook(there)]);
  await look(one, 0, bad("standby", "failed"));
  await until(() => there.arrived.length === 4, "four attempts");
  await until(() => log.length === 4, "four sentences");
  expect(new Set(there.bodies.map(({ id }: { id: string }) => id)).size).toBe(1);
  expect(log).toEqual([
    "notify 1 (webhook) was not reached: HTTP 500. It is tried again.",
    "notify 1 (webhook) was not reached: HTTP 503. It is tried again.",
    "notify 1 (webhook) was not reached: UND_ERR_SOCKET. It is tried again.",
    "notify 1 (webhook) is reached again.",
  ]);
});

it("a target that was away gets one message for all, and says so", async () => {
  const there = await server();
  there.answers = [500, 500];
  const one = started([hook(there)], {}, [60_000]);
  await look(one, 0, bad("standby", "failed"), good("dump"));
  await until(() => log.length === 1, "the first failure");
  await look(one, 60, good("standby"), bad("dump", "degraded"));
  await until(() => there.arrived.length === 2, "the second attempt");
  await until(() => one.problems().length === 1, "a problem");
  expect(one.problems()).toEqual([{ target: "notify 1 (webhook)", code: "HTTP 500" }]);
  await look(one, 120, good("standby"), bad("dump", "failed"));
  await until(() => there.arrived.length === 3, "the third attempt");
  expect(changes(there.bodies[2])).toEqual(["dump: good → failed", "standby: good → good"]);
  expect(there.bodies[2]).toMatchObject({ instead_of: 3, was: null, status: "unhealthy" });
  await until(() => one.problems().length === 0, "no problem");
});

it("a restart sends nothing twice and loses nothing", async () => {
  const [there, away] = [await server(), await server()];
  away.answers = [500];
  const targets = [hook(there), hook(away)];
  const first = started(targets, {}, [100]);
  await look(first, 0, bad("standby", "failed"));
  await until(() => there.arrived.length === 1 && log.length === 1, "one message, and a failure");
  await first.stop();
  expect(statSync(join(folder, "messages.json")).mode & 0o777).toBe(0o600);
  const kept = readFileSync(join(folder, "messages.json"), "utf8");
  expect(kept).not.toMatch(/secret-path|t0ken|127\.0\.0\.1|localhost/);
  const second = started(targets);
  await look(second, 10, bad("standby", "failed"));
  await until(() => away.arrived.length === 2, "the message that did not arrive");
  await look(second, 20, good("standby"));
  await until(() => there.arrived.length === 2 && away.arrived.length === 3, "the repair");
  expect([...there.bodies, ...away.bodies].map(changes)).toEqual([
    ["standby: good → failed"],
    ["standby: failed → good"],
    ["standby: good → failed"],
    ["standby: good → failed"],
    ["standby: failed → good"],
  ]);
});

it("a change is kept before it is sent", async () => {
  const there = await server();
  there.answers = [() => undefined];
  const one = started([hook(there)], {}, [60_000]);
  await look(one, 0, bad("standby", "failed"));
  // As a run that is killed here leaves it.
  const kept = readFileSync(join(folder, "messages.json"), "utf8");
  await one.stop();
  writeFileSync(join(folder, "messages.json"), kept);
  const arrived = there.arrived.length;
  await look(started([hook(there)]), 10, bad("standby", "failed"));
  await until(() => there.arrived.length === arrived + 1, "the message");
  expect(changes(there.bodies.at(-1))).toEqual(["standby: good → failed"]);
});

it("a file of which a crash or a hand left half is as none", async () => {
  const there = await server();
  for (const spoilt of ['{"version":1,"told"', "null", '{"version":7}', '{"version":1}']) {
    writeFileSync(join(folder, "messages.json"), spoilt);
    await look(started([hook(there)]), 0, bad("standby", "failed"));
  }
  await until(() => there.arrived.length === 4, "four messages");
});

it("what is refused three times is given up, and the next message is sent", async () => {
  const there = await server();
  there.answers = [404, 404, 404];
  const one = started([hook(there)]);
  await look(one, 0, bad("standby", "failed"));
  await until(() => log.length === 2, "it is given up");
  expect(there.arrived).toHaveLength(3);
  expect(log[1]).toBe("notify 1 (webhook) refused it 3 times (HTTP 404), so this one is given up.");
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(there.arrived).toHaveLength(3);
  await look(one, 10, good("standby"));
  await until(() => there.arrived.length === 4, "the next message");
  expect(changes(there.bodies[3])).toEqual(["standby: failed → good"]);
});

it("no redirect is followed", async () => {
  const [there, elsewhere] = [await server(), await server()];
  there.answers = [[307, { location: elsewhere.url() }]];
  const [result] = await started([hook(there)]).test();
  expect(result).toMatchObject({ sent: false, code: "HTTP 307" });
  expect(elsewhere.arrived).toEqual([]);
});

it("Retry-After is respected, also by a new message", async () => {
  const there = await server();
  there.answers = [[429, { "retry-after": "0.6" }]];
  const one = started([hook(there)]);
  await look(one, 0, bad("standby", "failed"));
  await until(() => log.length === 1, "the first attempt");
  await look(one, 10, good("standby"));
  await until(() => there.arrived.length === 2, "the second attempt");
  const [first, second] = there.arrived;
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(590);
  expect(changes(there.bodies[1])).toEqual(["standby: good → good"]);
});

it("a server without an answer and an answer without an end hold nothing up", async () => {
  const there = await server();
  let written = 0;
  there.answers = [
    () => undefined,
    (answer) => {
      answer.writeHead(200);
      const more = () => {
        if (!answer.destroyed && written < 1e9) {
          written += 1e6;
          answer.write("x".repeat(1e6), more);
        }
      };
      more();
    },
  ];
  const one = started([hook(there)], {}, [30], 400);
  // Each of them would wait for ever.
  expect(await one.test()).toMatchObject([{ sent: false, code: "ETIMEDOUT" }]);
  expect(await one.test()).toMatchObject([{ sent: true }]);
  expect(written).toBeLessThan(100e6);
});

it("a certificate that nobody signed gets no message", async () => {
  const own = await server(ownCertificate());
  const free = await new Promise<number>((resolve) => {
    const socket = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = socket.address() as AddressInfo;
      socket.close(() => resolve(port));
    });
  });
  const nobody: NotifyTarget = { kind: "slack", url: `http://127.0.0.1:${free}/s3cret` };
  const odd: NotifyTarget = { kind: "discord", url: "https://s3cret host/" };
  expect(await started([hook(own), nobody, odd]).test()).toEqual([
    {
      ...{ target: "notify 1 (webhook)", sent: false, code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
      seconds: expect.any(Number),
    },
    {
      ...{ target: "notify 2 (slack)", sent: false, code: "ECONNREFUSED" },
      seconds: expect.any(Number),
    },
    {
      ...{ target: "notify 3 (discord)", sent: false, code: "ERR_INVALID_URL" },
      seconds: expect.any(Number),
    },
  ]);
  expect(own.arrived).toEqual([]);
});

it("each kind reaches its service", async () => {
  const there = await server();
  const targets: NotifyTarget[] = [
    { kind: "slack", url: there.url("/slack") },
    { kind: "discord", url: there.url("/discord") },
    { kind: "ntfy", url: there.url("/topic").replace("//", "//me:p%40ss@") },
    { kind: "matrix", url: there.url("/base/"), token: "mx", room: "!a b:c" },
  ];
  const results = await started(targets).test();
  expect(results.map(({ sent }) => sent)).toEqual([true, true, true, true]);
  const arrived = new Map(there.arrived.map((one) => [one.path.slice(0, 6), one]));
  expect(arrived.get("/slack")).toMatchObject({ method: "POST" });
  expect(arrived.get("/disco")).toMatchObject({ method: "POST" });
  expect(arrived.get("/topic")!.headers).toMatchObject({
    ...{ title: "Laterbase dev: a test message", priority: "3", tags: "test_tube" },
    authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
  });
  expect(arrived.get("/base/")).toMatchObject({
    method: "PUT",
    path: expect.stringMatching(
      /^\/base\/_matrix\/client\/v3\/rooms\/!a%20b%3Ac\/send\/m\.room\.message\/[0-9a-f]{24}$/,
    ),
    headers: expect.objectContaining({ authorization: "Bearer mx" }),
  });
});

it("the agent's command tries each target of its files, and says nothing of what is in them", async () => {
  const [there, refusing] = [await server(), await server()];
  refusing.answers = [403];
  const written: string[] = [];
  const out = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const config = { stack: "home", timeZone: "Etc/UTC" };
  try {
    expect(await printTest(folder)).toBe(1);
    file("health.json", JSON.stringify(config));
    file("notify.json", '[{ "url": "s3cret');
    expect(await printTest(folder)).toBe(1);
    file("notify.json", JSON.stringify([hook(there), hook(refusing)]));
    expect(await printTest(folder)).toBe(1);
    file("notify.json", JSON.stringify([hook(there)]));
    expect(await printTest(folder)).toBe(0);
  } finally {
    out.mockRestore();
  }
  const sent = { target: "notify 1 (webhook)", sent: true, seconds: expect.any(Number) };
  const refused = { ...sent, target: "notify 2 (webhook)", sent: false, code: "HTTP 403" };
  expect(written.map((line) => JSON.parse(line) as unknown)).toEqual([
    { error: "The targets of messages cannot be read (ENOENT)." },
    { error: "The targets of messages cannot be read (no JSON)." },
    { result: [sent, refused] },
    { result: [sent] },
  ]);
  expect(there.bodies.map(({ event, stack }) => [event, stack])).toEqual([
    ["test", "home"],
    ["test", "home"],
  ]);
});

it("a folder that cannot be written stops no message", async () => {
  const there = await server();
  rmSync(folder, { recursive: true });
  const one = started([hook(there)]);
  await look(one, 0, bad("standby", "failed"));
  await look(one, 10, good("standby"));
  await until(() => there.arrived.length === 2, "two messages");
  expect(log).toEqual(["what was said cannot be kept (ENOENT), so a restart may say it again."]);
  await one.stop();
  folder = mkdtempSync(join(tmpdir(), "lbt-notify-"));
});

describe("pings", () => {
  const [dump, full, drill] = overview.jobs;
  const looks = (one: Notifier, parts: Partial<typeof overview>) =>
    one.note(
      snapshotOf([], later(0), { ...stackFacts, agent: { ...overview, ...parts } }),
      undefined,
    );
  const ended = (seconds: number, result: "success" | "failed" = "success") => ({
    ...dump!,
    last: { ...dump!.last!, endedAt: later(seconds), result, detail: "No room." },
  });

  it("each run is pinged, again after an error, and once over a restart", async () => {
    const there = await server();
    const pings = { dump: there.url("/p/u?create=1"), full: there.url("/p/f") };
    there.answers = [500];
    const one = started([], pings);
    await looks(one, { jobs: [dump!, full!, drill!], running: [] });
    await looks(one, { jobs: [dump!], running: [{ name: "dump", since: later(10) }] });
    await until(() => there.arrived.length === 2, "the start, twice");
    await one.stop();
    const second = started([], pings);
    await looks(second, { jobs: [dump!], running: [{ name: "dump", since: later(10) }] });
    await looks(second, { jobs: [ended(20)], running: [] });
    await until(() => there.arrived.length === 3, "the success");
    await second.stop();
    // It failed while no monitor ran.
    await looks(started([], pings), { jobs: [ended(900, "failed")], running: [] });
    await until(() => there.arrived.length === 4, "the failure");
    expect(there.arrived.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["GET", "/p/u/start?create=1", ""],
      ["GET", "/p/u/start?create=1", ""],
      ["GET", "/p/u?create=1", ""],
      ["POST", "/p/u/fail?create=1", "The job dump failed: No room."],
    ]);
    expect(log).toEqual([
      "the ping of dump was not reached: HTTP 500. It is tried again.",
      "the ping of dump is reached again.",
    ]);
  });

  it("an address gets five pings a minute, and an agent that is away changes nothing", async () => {
    const there = await server();
    const one = started([], { dump: there.url(), full: there.url() });
    const lost = { ...stackFacts, agent: { unknown: "It does not answer." } };
    for (let run = 1; run <= 9; run++) {
      await looks(one, { jobs: [ended(run)], running: [] });
      await one.note(snapshotOf([], later(0), lost), undefined);
      if (run <= 6) await until(() => there.arrived.length === Math.min(run - 1, 5), `run ${run}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(there.arrived).toHaveLength(5);
  });
});
