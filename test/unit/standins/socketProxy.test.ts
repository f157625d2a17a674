import { createServer, request, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Options, readFlags } from "../../../scripts/standins/socketProxy/flags";
import { setLevel } from "../../../scripts/standins/socketProxy/log";
import { isAllowed } from "../../../scripts/standins/socketProxy/rules";
import { proxyServer } from "../../../scripts/standins/socketProxy/server";

describe("the proxy's flags", () => {
  it("are read as Go's flag package does", () => {
    const options = readFlags([
      "--allowGET=/a",
      "-allowGET",
      "/b|c",
      "-allowhealthcheck",
      "-allowfrom=one,two",
      "-proxyport=2376",
      "-loglevel=warn",
    ]);
    expect(options).toMatchObject({
      allowFrom: ["one", "two"],
      allowHealthcheck: true,
      proxyPort: 2376,
      logLevel: "WARN",
      listenIp: "127.0.0.1",
      socketPath: "/var/run/docker.sock",
    });
    // As in the original, an alternative is not grouped.
    expect(options.rules.get("GET")!.map(({ source }) => source)).toEqual(["^\\/a$", "^\\/b|c$"]);
  });

  it.each([
    [["-allowget=/"], "flag provided but not defined: -allowget"],
    [["-proxyport=0"], "port number has to be between 1 and 65535"],
    [["-listenip=here"], 'invalid IP "here" for listenip'],
    [["-loglevel=loud"], "invalid log level loud"],
    [["-allowGET=("], 'invalid regex "(" for method GET'],
    [["-socketpath"], "flag needs an argument: -socketpath"],
  ])("%j are refused", (args, reason) => {
    expect(() => readFlags(args)).toThrow(reason);
  });

  it("allow addresses, networks and names", async () => {
    expect(await isAllowed(["127.0.0.1/32"], "::ffff:127.0.0.1")).toBe(true);
    expect(await isAllowed(["10.0.0.0/8"], "10.9.8.7")).toBe(true);
    expect(await isAllowed(["10.0.0.0/8"], "11.9.8.7")).toBe(false);
    expect(await isAllowed(["localhost"], "127.0.0.1")).toBe(true);
    expect(await isAllowed(["nobody.invalid"], "127.0.0.1")).toBe(false);
  });
});

describe("the proxy", () => {
  const folder = mkdtempSync(join(tmpdir(), "laterbase-proxy-"));
  const seen: string[] = [];
  let engine: Server;
  let proxy: Server;
  let port: number;

  beforeAll(async () => {
    setLevel("ERROR");
    const socketPath = join(folder, "engine.sock");
    engine = createServer((message, response) => {
      seen.push(`${message.method} ${message.url}`);
      void text(message).then((body) => response.writeHead(404).end(`engine: ${body}`));
    });
    // Sends back the body, then in capitals what arrives over the connection.
    engine.on("upgrade", (message, socket, head: Buffer) => {
      seen.push(`upgrade ${message.url}`);
      const length = Number(message.headers["content-length"]);
      if (message.url === "/refused")
        return void socket.end("HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno");
      socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      let got = head;
      socket.on("data", (chunk: Buffer) => (got = Buffer.concat([got, chunk])));
      socket.on("end", () => {
        const [body, rest] = [got.subarray(0, length), got.subarray(length)];
        setTimeout(() => socket.end(`${String(body)}|${String(rest).toUpperCase()}`), 50);
      });
    });
    await new Promise<void>((resolve) => engine.listen(socketPath, resolve));
    const options: Options = {
      ...readFlags(["-allowPOST=/start", "-allowPOST=/refused", "-allowGET=/json"]),
      socketPath,
    };
    proxy = proxyServer(options);
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    port = (proxy.address() as AddressInfo).port;
  });

  beforeEach(() => seen.splice(0));

  afterAll(() => {
    setLevel("INFO");
    engine.close();
    proxy.close();
    rmSync(folder, { recursive: true });
  });

  /** Everything that comes back for these bytes, until the other side is done. */
  const raw = (sent: string, { halfClosed = true } = {}): Promise<string> => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: halfClosed });
    socket.write(sent);
    if (halfClosed) socket.end();
    return text(socket);
  };

  const ask = (method: string, path: string) =>
    new Promise<[number, string]>((resolve, reject) => {
      const asked = request({ port, method, path, agent: false }, (answer) => {
        void text(answer).then((body) => resolve([answer.statusCode!, body]), reject);
      });
      asked.on("error", reject);
      asked.end(method === "POST" ? "body" : undefined);
    });

  it("forwards allowed requests and refuses the rest", async () => {
    expect(await ask("POST", "/start?x=1")).toEqual([404, "engine: body"]);
    expect(await ask("GET", "/json")).toEqual([404, "engine: "]);
    expect(await ask("GET", "/start")).toEqual([403, "Forbidden\n"]);
    expect(await ask("POST", "/start/../create")).toEqual([403, "Forbidden\n"]);
    expect(await ask("DELETE", "/json")).toEqual([405, "Method Not Allowed\n"]);
    expect(await ask("POST", "/%zz")).toEqual([400, "Bad Request\n"]);
    expect(seen).toEqual(["POST /start?x=1", "GET /json"]);
  });

  const upgrade = (path: string, body: string, rest = "") =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}${rest}`;

  it("upgrades the connection when the engine agrees, and keeps it after the client's end", async () => {
    const answer = await raw(upgrade("/start", '{"Tty":false}', "stdin"));
    expect(answer).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n/);
    expect(answer).toMatch(/\r\n\r\n\{"Tty":false\}\|STDIN$/);
  });

  it("applies the rules to an upgrade", async () => {
    expect(await raw(upgrade("/create", ""))).toMatch(/^HTTP\/1\.1 403 /);
    expect(seen).toEqual([]);
  });

  it("forwards no second request behind an upgrade that the engine refuses", async () => {
    const smuggled = "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    const answer = await raw(upgrade("/refused", "{}", smuggled));
    expect(answer).toMatch(/^HTTP\/1\.1 409 Conflict\r\n[^]*\r\n\r\nno$/);
    expect(seen).toEqual(["upgrade /refused"]);
  });

  it("applies the rules to each request of a kept connection", async () => {
    const get = (path: string, last: boolean) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${last ? "Connection: close\r\n" : ""}\r\n`;
    const answer = await raw(get("/json", false) + get("/containers/json", true), {
      halfClosed: false,
    });
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 404", "HTTP/1.1 403"]);
    expect(seen).toEqual(["GET /json"]);
  });
});
