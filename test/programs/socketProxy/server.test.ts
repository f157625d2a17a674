import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { proxyServer } from "../../../scripts/socketProxy/server";

const id = "0123456789abcdef".repeat(4);
const make =
  '{"Cmd":["work","now"],"Container":"agent","User":"postgres","AttachStdout":true,"AttachStderr":true}';

describe("the socket proxy", () => {
  const folder = mkdtempSync(join(tmpdir(), "laterbase-proxy-"));
  /** What the engine got: method, target, body and the names of its headers. */
  let seen: [string, string, string][] = [];
  let headers: string[] = [];
  let log = "";
  let engine: Server;
  let proxy: Server;
  let port: number;
  let refuses = false;

  beforeAll(async () => {
    jest.spyOn(process.stderr, "write").mockImplementation((line) => {
      log += String(line);
      return true;
    });
    const socketPath = join(folder, "engine.sock");
    engine = createServer((message, response) => {
      headers = Object.keys(message.headers);
      void text(message).then((body) => {
        seen.push([message.method!, message.url!, body]);
        if (refuses) return response.writeHead(409).end('{"message":"Container x is not running"}');
        if (message.method === "POST") return response.writeHead(201).end(`{"Id":"${id}","x":1}`);
        const found = { ID: id, Running: false, ExitCode: 3, ProcessConfig: { arguments: ["x"] } };
        return response.writeHead(200).end(JSON.stringify(found));
      });
    });
    engine.on("upgrade", (message, socket, head: Buffer) => {
      const length = Number(message.headers["content-length"]);
      let got = head;
      const begin = () => {
        seen.push(["upgrade", message.url!, String(got)]);
        if (refuses) return void socket.end("HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno");
        socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst ");
        setTimeout(() => socket.end("and last"), 100);
      };
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        const before = got.length;
        got = Buffer.concat([got, chunk]);
        if (before < length && got.length >= length) begin();
      });
      if (got.length >= length) begin();
    });
    await new Promise<void>((resolve) => engine.listen(socketPath, resolve));
    const commands = [{ container: "agent", argv: ["work", "now"], user: "postgres" }];
    const rules = { client: "localhost", commands };
    proxy = proxyServer({ rules, socketPath, requestSeconds: 1 });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    port = (proxy.address() as AddressInfo).port;
  });

  beforeEach(() => {
    seen = [];
    log = "";
    refuses = false;
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    proxy.closeAllConnections();
    await Promise.all([engine, proxy].map((one) => new Promise((done) => one.close(done))));
    rmSync(folder, { recursive: true });
  });

  /** Everything that comes back for these bytes, until the proxy ends the connection. */
  const raw = async (sent: string, { halfClosed = false } = {}): Promise<string> => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    let got = "";
    socket.on("data", (chunk) => (got += String(chunk))).on("error", () => undefined);
    if (halfClosed) socket.end(sent);
    else socket.write(sent);
    await new Promise((done) => socket.on("end", done).on("close", done));
    socket.destroy();
    return got;
  };
  const request = (method: string, target: string, body = "", more = "") =>
    `${method} ${target} HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
  const ask = async (method: string, target: string, body = "", more = "") => {
    const [head = "", content = ""] = (await raw(request(method, target, body, more))).split(
      "\r\n\r\n",
    );
    return [Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), content] as const;
  };
  const upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
  const created = () => ask("POST", "/containers/agent/exec", make);
  const begin = (more = "", body = "{}") =>
    raw(request("POST", `/exec/${id}/start`, body, upgrade) + more);

  it("runs a job as Ofelia does, and sends the engine nothing but its own text", async () => {
    expect(await created()).toEqual([201, `{"Id":"${id}"}`]);
    expect(headers.sort()).toEqual(["connection", "content-length", "content-type", "host"]);
    const start = '{"InputStream":null,"OutputStream":{},"ErrorStream":{},"RawTerminal":false}';
    const answer = await begin("", start);
    expect(answer).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n[^]*\r\n\r\nfirst and last$/);
    expect(await ask("GET", `/exec/${id}/json`)).toEqual([
      200,
      `{"ID":"${id}","Running":false,"ExitCode":3}`,
    ]);
    const body =
      '{"Cmd":["work","now"],"User":"postgres","AttachStdin":false,"AttachStdout":true,' +
      '"AttachStderr":true,"Tty":false,"Privileged":false}';
    expect(seen).toEqual([
      ["POST", "/containers/agent/exec", body],
      ["upgrade", `/exec/${id}/start`, '{"Detach":false,"Tty":false}'],
      ["GET", `/exec/${id}/json`, ""],
    ]);
  });

  it("answers a ping by itself, and refuses /version", async () => {
    expect(await ask("GET", "/_ping")).toEqual([200, "OK"]);
    expect((await ask("GET", "/version"))[0]).toBe(403);
    expect(seen).toEqual([]);
    expect(log).toMatch(/refused GET "\/version" from \S+: the call is not allowed\n$/);
  });

  it("passes the engine's refusals on", async () => {
    refuses = true;
    expect(await created()).toEqual([409, '{"message":"Container x is not running"}']);
    refuses = false;
    await created();
    refuses = true;
    expect(await begin()).toMatch(/^HTTP\/1\.1 409 Conflict\r\n[^]*\r\n\r\nno$/);
  });

  it("starts an exec once, and none that it did not make", async () => {
    await created();
    expect(await begin()).toContain(" 101 ");
    seen = [];
    expect(await begin()).toMatch(/^HTTP\/1\.1 403 /);
    const other = "f".repeat(64);
    expect(await raw(request("POST", `/exec/${other}/start`, "{}", upgrade))).toMatch(/ 403 /);
    expect((await ask("GET", `/exec/${other}/json`))[0]).toBe(403);
    expect(seen).toEqual([]);
  });

  it("refuses a start that is detached, has a terminal, or no upgrade", async () => {
    await created();
    seen = [];
    expect(await begin("", '{"Detach":true}')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await begin("", '{"Tty":true}')).toMatch(/^HTTP\/1\.1 403 /);
    expect((await ask("POST", `/exec/${id}/start`, "{}"))[0]).toBe(403);
    expect(seen).toEqual([]);
    // None of them used the only start up.
    expect(await begin()).toContain(" 101 ");
  });

  it("gives the command no input, and reads no second request behind a start", async () => {
    await created();
    const smuggled = request("POST", "/containers/create", "{}");
    expect(await begin(smuggled)).toMatch(/\r\n\r\nfirst and last$/);
    expect(seen.map(([what, target]) => [what, target])).toEqual([
      ["POST", "/containers/agent/exec"],
      ["upgrade", `/exec/${id}/start`],
    ]);
    expect(seen[1]![2]).toBe('{"Detach":false,"Tty":false}');
  });

  it("keeps the output for a client that has ended its side", async () => {
    await created();
    const sent = request("POST", `/exec/${id}/start`, "{}", upgrade);
    expect(await raw(sent, { halfClosed: true })).toMatch(/\r\n\r\nfirst and last$/);
  });

  it.each<[string, string, string]>([
    ["a tunnel", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", "403"],
    ["an upgrade of another call", request("POST", "/containers/agent/exec", make, upgrade), "403"],
    [
      "chunks",
      "POST /containers/agent/exec HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "403",
    ],
    [
      "chunks and a length",
      request("POST", "/containers/agent/exec", make, "Transfer-Encoding: chunked\r\n"),
      "400",
    ],
    [
      "two lengths",
      request("POST", "/containers/agent/exec", make, "Content-Length: 3\r\n"),
      "400",
    ],
    [
      "a length that is no number",
      "POST /containers/agent/exec HTTP/1.1\r\nHost: x\r\nContent-Length: 0x10\r\n\r\n",
      "400",
    ],
    [
      "an expectation",
      request("POST", "/containers/agent/exec", make, "Expect: 100-continue\r\n"),
      "403",
    ],
    [
      "another expectation",
      request("POST", "/containers/agent/exec", make, "Expect: x\r\n"),
      "403",
    ],
    [
      "an expectation of a start",
      request("POST", `/exec/${id}/start`, "{}", `${upgrade}Expect: 100-continue\r\n`),
      "403",
    ],
    ["an old HTTP", "POST /containers/agent/exec HTTP/0.9\r\n\r\n", "403"],
    ["a body over the limit", request("POST", "/containers/agent/exec", "x".repeat(65537)), "413"],
    [
      "a start's body over the limit",
      request("POST", `/exec/${id}/start`, "x".repeat(65537), upgrade),
      "413",
    ],
    ["headers over the limit", request("GET", "/_ping", "", `X: ${"x".repeat(9000)}\r\n`), "400"],
    [
      "a body that is shorter than announced",
      request("POST", "/containers/agent/exec", make).slice(0, -9),
      "400",
    ],
    [
      "a start that is shorter than announced",
      request("POST", `/exec/${id}/start`, "{}", upgrade).slice(0, -1),
      "",
    ],
    ["headers that do not end", "GET /_ping HTTP/1.1\r\nHost: x\r\n", "400"],
  ])("refuses %s", async (_what, sent, status) => {
    const answer = await raw(sent);
    expect(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "").toBe(status);
    expect(seen).toEqual([]);
    // It still works.
    expect((await ask("GET", "/_ping"))[0]).toBe(200);
  });

  it("serves one request on a connection", async () => {
    const two = request("POST", "/containers/agent/exec", make).repeat(2);
    const answer = await raw(two);
    expect(answer.match(/HTTP\/1\.1 \d+/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(seen.length).toBeLessThanOrEqual(1);
  });

  it("says that the engine cannot be reached, and goes on", async () => {
    const own = proxyServer({
      rules: {
        client: "localhost",
        commands: [{ container: "agent", argv: ["work", "now"], user: "postgres" }],
      },
      socketPath: join(folder, "nothing.sock"),
    });
    await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
    const before = port;
    port = (own.address() as AddressInfo).port;
    try {
      expect((await created())[0]).toBe(502);
      expect((await ask("GET", "/health"))[0]).toBe(503);
    } finally {
      port = before;
      own.close();
    }
    expect((await ask("GET", "/health"))[0]).toBe(200);
  });

  it("answers nobody else", async () => {
    const own = proxyServer({
      rules: { client: "nobody.invalid", commands: [] },
      socketPath: join(folder, "engine.sock"),
    });
    await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
    const before = port;
    port = (own.address() as AddressInfo).port;
    try {
      expect((await created())[0]).toBe(403);
      expect((await ask("GET", "/_ping"))[0]).toBe(403);
      expect(log).toContain("only the scheduler may call");
    } finally {
      port = before;
      own.close();
    }
  });
});
