import { connect } from "node:net";
import { Reports, reportIn } from "../../../../scripts/agent/health/collect/reports";

const good = {
  ...{ state: "running", detail: "streaming", since: "2026-11-29T12:00:00Z" },
  disk: { bytes: 1000, free: 400 },
};

describe("a report", () => {
  it("is taken with its known fields alone", () => {
    expect(reportIn(JSON.stringify({ ...good, more: "x", disk: { ...good.disk, x: 1 } }))).toEqual(
      good,
    );
    expect(reportIn(JSON.stringify({ ...good, collation: { order: "verified" } }))).toEqual({
      ...good,
      collation: { order: "verified" },
    });
  });

  it.each([
    ["no JSON", "state=running"],
    ["null", "null"],
    ["no state", JSON.stringify({ ...good, state: undefined })],
    ["a state that is no word", JSON.stringify({ ...good, state: "<b>" })],
    ["a detail that is no text", JSON.stringify({ ...good, detail: {} })],
    ["no room", JSON.stringify({ ...good, disk: {} })],
    ["negative room", JSON.stringify({ ...good, disk: { bytes: 1, free: -1 } })],
  ])("with %s is none", (_, text) => expect(reportIn(text)).toBeUndefined());
});

describe("the port for reports", () => {
  let addresses: Record<string, string[]> = {};
  let now = 1000;
  const reports = new Reports({
    names: ["standby"],
    prefix: "p",
    addressesOf: (name) => Promise.resolve(addresses[name] ?? []),
    clock: () => now,
  });
  let port = 0;
  beforeAll(async () => (port = await reports.listen(0, "127.0.0.1")));
  afterAll(() => reports.close());
  beforeEach(() => (addresses = { "p-standby": ["127.0.0.1"] }));

  const send = async (name: string, body: string, method = "POST") =>
    (await fetch(`http://127.0.0.1:${port}/reports/${name}`, { method, body })).status;

  it("has no report at first, and expects none yet", () => {
    expect(reports.of("standby")).toBeUndefined();
    expect(reports.lastOf("standby")).toBeUndefined();
  });

  it.each([
    ["another name", "primary", JSON.stringify(good), 404],
    ["no name", "", JSON.stringify(good), 404],
    ["a report that is none", "standby", "{}", 400],
    ["a body that is too long", "standby", `${JSON.stringify(good)}${" ".repeat(20_000)}`, 400],
  ])("refuses %s", async (_, name, body, status) => {
    expect(await send(name, body)).toBe(status);
    expect(reports.of("standby")).toBeUndefined();
  });

  it("refuses the address of another container, and a name without one", async () => {
    addresses = { "p-standby": ["10.0.0.9"] };
    expect(await send("standby", JSON.stringify(good))).toBe(403);
    addresses = {};
    expect(await send("standby", JSON.stringify(good))).toBe(403);
    expect(reports.of("standby")).toBeUndefined();
  });

  it("takes a report as bash sends it, and keeps the last one", async () => {
    const body = JSON.stringify({ ...good, state: "stalled" });
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.on("close", () => resolve(text));
      socket.on("error", reject);
      const head = `POST /reports/standby HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(head + body);
    });
    expect(answer.split("\r\n")[0]).toBe("HTTP/1.1 204 No Content");
    expect(reports.of("standby")).toMatchObject({ state: "stalled" });
  });

  it("takes a supervisor that is silent for a minute for unknown", () => {
    now += 59_000;
    expect(reports.of("standby")).toMatchObject({ state: "stalled" });
    now += 2000;
    expect(reports.of("standby")).toEqual({
      unknown: "Its supervisor has sent no report for 61 s.",
    });
    expect(reports.lastOf("standby")).toMatchObject({ state: "stalled" });
  });
});
