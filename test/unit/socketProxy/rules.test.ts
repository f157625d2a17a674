import { createBody, mayStart, startBody } from "../../../scripts/socketProxy/bodies";
import { callOf } from "../../../scripts/socketProxy/calls";
import { isClient, isOwn } from "../../../scripts/socketProxy/clients";
import { Execs } from "../../../scripts/socketProxy/execs";
import { quoted } from "../../../scripts/socketProxy/log";
import { readRules } from "../../../scripts/socketProxy/rules";

const agent = "my.project-dev-agent";
const id = "0123456789abcdef".repeat(4);

describe("the calls", () => {
  it.each([
    ["POST", `/containers/${agent}/exec`, { kind: "create", version: "", container: agent }],
    ["POST", "/v1.41/containers/a/exec", { kind: "create", version: "/v1.41", container: "a" }],
    ["POST", `/exec/${id}/start`, { kind: "start", version: "", id }],
    ["GET", `/v1.24/exec/${id}/json`, { kind: "inspect", version: "/v1.24", id }],
    ["GET", "/_ping", { kind: "ping" }],
    ["HEAD", "/_ping", { kind: "ping" }],
  ])("%s %s", (method, target, call) => {
    expect(callOf(method, target)).toEqual(call);
  });

  it.each([
    ["POST", `/containers/${agent}/exec/`],
    ["POST", `/containers/${agent}/exec?x=1`],
    ["POST", `/containers/${agent}/exec#`],
    ["POST", `/containers/${agent}/start`],
    ["POST", `/containers/${agent}/kill`],
    ["POST", "/containers/create"],
    ["POST", "/v1.41/containers/create"],
    ["POST", "/v2.0/containers/a/exec"],
    ["POST", "/v1/containers/a/exec"],
    ["POST", "/v1.41//containers/a/exec"],
    ["POST", "//containers/a/exec"],
    ["POST", "/containers//a/exec"],
    ["POST", "/containers/a/b/exec"],
    ["POST", `/containers/${agent}/exec/../../create`],
    ["POST", `/containers/x/../${agent}/exec`],
    ["POST", `/containers/x/%2e%2e/${agent}/exec`],
    ["POST", `/containers/x%2f..%2f${agent}/exec`],
    ["POST", "/containers/%61gent/exec"],
    ["POST", `http://docker/containers/${agent}/exec`],
    ["POST", `/containers/${agent}/exec%00`],
    ["POST", `/containers/${agent}/exec\n`],
    ["POST", "/containers/agént/exec"],
    ["POST", "/%zz"],
    ["POST", "*"],
    ["POST", ""],
    ["POST", "/images/create?fromImage=alpine"],
    ["POST", `/exec/${id}/resize`],
    ["POST", `/exec/${id.slice(1)}/start`],
    ["POST", `/exec/${id}0/start`],
    ["POST", `/exec/${id.toUpperCase()}/start`],
    ["GET", `/exec/${id}/json%0a`],
    ["GET", "/version"],
    ["GET", "/v1.41/_ping"],
    ["GET", "/containers/json"],
    ["GET", `/containers/${agent}/json`],
    ["GET", `/containers/${agent}/archive?path=/etc`],
    ["PUT", `/containers/${agent}/archive?path=/`],
    ["DELETE", `/containers/${agent}`],
    ["GET", `/containers/${agent}/exec`],
    ["post", `/containers/${agent}/exec`],
    ["PATCH", `/exec/${id}/start`],
  ])("%s %s is none", (method, target) => {
    expect(callOf(method, target)).toBeUndefined();
  });
});

describe("the body that makes an exec", () => {
  const commands = [
    { container: "agent", argv: ["laterbase-agent", "dump"], user: "postgres" },
    { container: "agent", argv: ["laterbase-agent", "upload"], user: "postgres" },
    { container: "primary", argv: ["check"], user: "nobody" },
  ];
  // As go-dockerclient 1.12.3 writes it for Ofelia 0.3.21.
  const real =
    '{"Cmd":["laterbase-agent","dump"],"Container":"agent","User":"postgres","AttachStdout":true,"AttachStderr":true}';
  const asked = (change: object) =>
    createBody(commands, "agent", JSON.stringify({ ...(JSON.parse(real) as object), ...change }));

  it("is made of the rule", () => {
    expect(JSON.parse(createBody(commands, "agent", real)!)).toEqual({
      Cmd: ["laterbase-agent", "dump"],
      User: "postgres",
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      Privileged: false,
    });
    expect(asked({ Cmd: ["laterbase-agent", "upload"] })).toContain('"upload"');
    expect(asked({ Container: undefined, Tty: false, AttachStdin: false })).toContain('"dump"');
  });

  it.each<[string, object]>([
    ["another program", { Cmd: ["sh", "-c", "id"] }],
    ["a further argument", { Cmd: ["laterbase-agent", "dump", "--all"] }],
    ["fewer arguments", { Cmd: ["laterbase-agent"] }],
    ["one joined argument", { Cmd: ["laterbase-agent dump"] }],
    ["a string for the command", { Cmd: "laterbase-agent dump" }],
    ["no command", { Cmd: undefined }],
    ["the command of another container", { Cmd: ["check"], User: "nobody" }],
    ["root", { User: "root" }],
    ["root's number", { User: "0" }],
    ["a further group", { User: "postgres:0" }],
    ["no user, which means the image's", { User: undefined }],
    ["an empty user", { User: "" }],
    ["another container", { Container: "primary" }],
    ["privileges", { Privileged: true }],
    ["no privileges, in words", { Privileged: false }],
    ["an environment", { Env: ["LD_PRELOAD=/tmp/x.so"] }],
    ["an empty environment", { Env: [] }],
    ["a folder", { WorkingDir: "/" }],
    ["detach keys", { DetachKeys: "a" }],
    ["a console size", { ConsoleSize: [1, 1] }],
    ["a terminal", { Tty: true }],
    ["input", { AttachStdin: true }],
    ["an unknown key", { Capabilities: ["ALL"] }],
    ["a key in small letters, which Go reads too", { user: "root" }],
    ["a prototype", JSON.parse('{"__proto__":{"User":"root"}}') as object],
  ])("asks for %s: refused", (_what, change) => {
    const text = _what === "a prototype" ? `${real.slice(0, -1)},"__proto__":{}}` : undefined;
    expect(text ? createBody(commands, "agent", text) : asked(change)).toBeUndefined();
  });

  it.each([
    ["a key twice", `${real.slice(0, -1)},"User":"postgres"}`],
    ["a key twice, the bad one first", `{"User":"root",${real.slice(1)}`],
    ["a key that is written with an escape", real.replace('"User"', '"\\u0055ser"')],
    ["white space", real.replace(",", ", ")],
    ["a mark of byte order", `\ufeff${real}`],
    ["two values", `${real}${real}`],
    ["bytes after it", `${real}\u0000`],
    ["a list", `[${real}]`],
    ["nothing", ""],
    ["null", "null"],
    ["half of it", real.slice(0, 40)],
    ["a deep nest", "[".repeat(30_000)],
  ])("with %s is refused", (_what, text) => {
    expect(createBody(commands, "agent", text)).toBeUndefined();
  });

  it("is refused for a container without a job", () => {
    expect(createBody(commands, "standby", real.replace('"agent"', '"standby"'))).toBeUndefined();
  });
});

describe("the body that starts an exec", () => {
  it.each([
    // As go-dockerclient 1.12.3 writes it for Ofelia 0.3.21.
    '{"InputStream":null,"OutputStream":{},"ErrorStream":{},"RawTerminal":false}',
    "{}",
    '{"Detach":false,"Tty":false}',
  ])("%s passes", (text) => {
    expect(mayStart(text)).toBe(true);
  });

  it.each([
    '{"Detach":true}',
    '{"Tty":true}',
    '{"RawTerminal":true}',
    '{"ConsoleSize":[80,24]}',
    '{"Detach":false,"Detach":false}',
    '{"OutputStream":{"x":1}}',
    '{"detach":true}',
    "[]",
    "",
  ])("%s is refused", (text) => {
    expect(mayStart(text)).toBe(false);
  });

  it("is always the same for the engine", () => {
    expect(startBody).toBe('{"Detach":false,"Tty":false}');
  });
});

describe("the execs", () => {
  let now = 0;
  const execs = () => new Execs(() => now);

  it("are started once, soon after they were made, and only those", () => {
    const own = execs();
    own.made("a");
    own.made("b");
    expect([own.takeStart("x"), own.takeStart("a"), own.takeStart("a")]).toEqual([
      false,
      true,
      false,
    ]);
    now += 60_001;
    expect(own.takeStart("b")).toBe(false);
    own.ended("a");
    expect([own.takeStart("a"), own.isKnown("a"), own.isKnown("x")]).toEqual([false, true, false]);
  });

  it("are at most 256: the oldest one that ended makes room, a running one does not", () => {
    const own = execs();
    const ids = Array.from({ length: 256 }, (_, index) => String(index));
    for (const one of ids) {
      expect(own.hasRoom()).toBe(true);
      own.made(one);
      own.takeStart(one);
    }
    expect(own.hasRoom()).toBe(false);
    own.ended("7");
    expect(own.hasRoom()).toBe(true);
    expect([own.isKnown("7"), own.isKnown("0")]).toEqual([false, true]);
  });

  it("that were never started are forgotten", () => {
    const own = execs();
    for (let index = 0; index < 256; index++) own.made(String(index));
    expect(own.hasRoom()).toBe(false);
    now += 60_001;
    expect(own.hasRoom()).toBe(true);
  });
});

describe("the rules", () => {
  const rules = { client: "s", commands: [{ container: "a", argv: ["b", "c"], user: "postgres" }] };

  it("are the only argument", () => {
    expect(readRules(JSON.stringify(rules))).toEqual(rules);
  });

  it.each<[string | undefined, string]>([
    [undefined, "needs its rules, as JSON, in its only argument"],
    ["-allowPOST=/x", "needs its rules, as JSON, in its only argument"],
    [JSON.stringify({ ...rules, client: "a/b" }), "at client: "],
    [JSON.stringify({ ...rules, commands: [] }), "at commands: "],
    [
      JSON.stringify({ ...rules, commands: [{ ...rules.commands[0], argv: [] }] }),
      "commands.0.argv",
    ],
    [JSON.stringify({ ...rules, privileged: true }), "privileged"],
  ])("%s are refused", (text, reason) => {
    expect(() => readRules(text)).toThrow(reason);
  });
});

describe("the client", () => {
  it("is found by its name, in both forms of an address", async () => {
    expect(await isClient("localhost", "127.0.0.1")).toBe(true);
    expect(await isClient("localhost", "::ffff:127.0.0.1")).toBe(true);
    expect(await isClient("localhost", "10.0.0.1")).toBe(false);
    expect(await isClient("nobody.invalid", "127.0.0.1")).toBe(false);
    expect([isOwn("::ffff:127.0.0.1"), isOwn("10.0.0.1")]).toEqual([true, false]);
  });

  it("cannot write into the log what it wants", () => {
    expect(quoted("/a\n\u001b[2J\u009bé")).toBe('"/a\\n\\u001b[2J\\u009b\\u00e9"');
    expect(quoted("x".repeat(1000))).toHaveLength(202);
  });
});
