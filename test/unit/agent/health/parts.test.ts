import { createServer, type Server } from "node:http";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HealthConfig } from "../../../../contract/health/config";
import { isUnknown } from "../../../../contract/health/facts";
import { makeParts } from "../../../../scripts/agent/health/parts";
import { healthy, moment, unhealthy } from "../../../support/healthSnapshots";
import { until } from "../../../support/process";

const folder = mkdtempSync(join(tmpdir(), "lbt-parts-"));
const config = { stack: "homelab", timeZone: "Europe/London" } as HealthConfig;
const logged: string[] = [];
const place = { etc: folder, folder };
let status = 200;
let server: Server;

beforeAll(async () => {
  server = createServer((request, answer) => {
    request.resume();
    request.on("end", () => answer.writeHead(status).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/S3CRET`;
  writeFileSync(join(folder, "notify.json"), JSON.stringify([{ kind: "webhook", url }]));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it("works without a target and a ping, and says nothing of itself while all is well", async () => {
  const empty = mkdtempSync(join(tmpdir(), "lbt-parts-"));
  const parts = makeParts(config, (said) => logged.push(said), { etc: empty, folder: empty });
  await parts.history!.note(healthy, undefined);
  expect(parts.problems!()).toEqual({});
  // The page calls a look that is older than a minute unknown.
  jest.useFakeTimers({ now: new Date(moment) });
  expect(parts.page!.of(healthy)).toContain("<h1>Healthy</h1>");
  jest.useRealTimers();
  expect(await parts.metrics!(healthy, 0)).toContain("laterbase_verdict 0");
  parts.history!.close();
  await parts.notifier!.stop();
  rmSync(empty, { recursive: true });
});

it("says where messages do not arrive, without the address", async () => {
  status = 404;
  const parts = makeParts(config, (said) => logged.push(said), place);
  await parts.notifier!.note(healthy, undefined);
  await parts.notifier!.note(unhealthy, healthy);
  await until("the message is refused", () => Promise.resolve("undelivered" in parts.problems!()));
  expect(parts.problems!()).toEqual({
    undelivered: [{ target: "notify 1 (webhook)", code: "HTTP 404" }],
  });
  expect(logged.join()).not.toContain("S3CRET");
  parts.history!.close();
  await parts.notifier!.stop();
});

it("says which ping does not arrive, without the address", async () => {
  const own = mkdtempSync(join(tmpdir(), "lbt-parts-"));
  const { url } = (
    JSON.parse(readFileSync(join(folder, "notify.json"), "utf8")) as { url: string }[]
  )[0]!;
  writeFileSync(join(own, "pings.json"), JSON.stringify({ dump: url }));
  status = 404;
  const parts = makeParts(config, (said) => logged.push(said), { etc: own, folder: own });
  const { agent } = healthy.facts;
  if (agent === undefined || isUnknown(agent)) throw new Error("no agent");
  const running = [{ name: "dump", since: healthy.at }];
  await parts.notifier!.note(
    { ...healthy, facts: { ...healthy.facts, agent: { ...agent, running } } },
    undefined,
  );
  await until("the ping is refused", () => Promise.resolve("undelivered" in parts.problems!()));
  expect(parts.problems!()).toEqual({
    undelivered: [{ target: "the ping of dump", code: "HTTP 404", ping: true }],
  });
  expect(logged.join()).not.toContain("S3CRET");
  parts.history!.close();
  await parts.notifier!.stop();
  rmSync(own, { recursive: true });
});

it("names a file that is no JSON, and nothing of it", () => {
  writeFileSync(join(folder, "pings.json"), '{"dump": "https://example.com/S3CRET');
  expect(() => makeParts(config, () => undefined, place)).toThrow(
    `${join(folder, "pings.json")} cannot be read, or is not JSON.`,
  );
});
