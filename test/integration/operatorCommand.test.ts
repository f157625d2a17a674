import { execFileSync, spawn } from "node:child_process";
import { z } from "zod";
import type {
  ConnectionsResult,
  DoctorResult,
  LogsResult,
  PoolsResult,
  StatusResult,
} from "../../scripts/cli/results";
import { ok, type Ran, run, until } from "../support/process";
import { Stack } from "../support/stack";

jest.setTimeout(600_000);

const project = process.cwd();
const bundle = `${project}/node_modules/.cache/laterbase/cli/test-${process.pid}.cjs`;

/** The shapes that docs/command.md promises. */
const unknown = z.strictObject({ unknown: z.string() });
const check = z.object({
  name: z.string(),
  status: z.enum(["good", "pending", "unknown", "degraded", "failed"]),
  sentence: z.string().min(1),
  command: z.string().optional(),
});
const verdict = z.enum(["healthy", "degraded", "unhealthy"]);
const pool = z.object({
  ...{ database: z.string(), user: z.string(), mode: z.string(), maxWait: z.number() },
  clients: z.strictObject({ active: z.number(), waiting: z.number() }),
  servers: z.strictObject({ active: z.number(), idle: z.number(), used: z.number() }),
});
const pooler = z.object({
  paused: z.boolean(),
  mostClients: z.number().nullable(),
  pools: z.array(pool),
});
const disk = z.strictObject({ holds: z.string(), bytes: z.number(), free: z.number() });
const statusShape = z.object({
  ...{
    stack: z.string(),
    at: z.iso.datetime(),
    verdict,
    sentence: z.string(),
    checks: z.array(check),
  },
  facts: z.object({
    primary: z.union([
      unknown,
      z.object({
        ...{ version: z.string(), inRecovery: z.boolean(), disk: disk.optional() },
        connections: z.strictObject({ used: z.number(), most: z.number() }),
        databases: z
          .array(z.strictObject({ name: z.string(), bytes: z.number(), clients: z.number() }))
          .nullable(),
        slots: z.array(
          z.object({
            name: z.string(),
            active: z.boolean(),
            bytes: z.number().nullable(),
            limit: z.number().nullable(),
          }),
        ),
      }),
    ]),
    standbys: z.record(
      z.string(),
      z.union([unknown, z.object({ streaming: z.boolean(), paused: z.boolean() })]),
    ),
    pooler: z.union([unknown, pooler]).optional(),
    agent: z
      .union([
        unknown,
        z.object({
          jobs: z.array(
            z.object({ name: z.string(), schedule: z.string(), due: z.iso.datetime() }),
          ),
        }),
      ])
      .optional(),
  }),
}) satisfies z.ZodType<Pick<StatusResult, "stack" | "at" | "verdict" | "sentence">>;
const doctorShape = z.object({
  ...{ stack: z.string(), verdict },
  findings: z.array(
    z.object({
      level: z.enum(["failed", "degraded", "unknown", "note"]),
      area: z.enum(["parts", "drift", "looks", "preflight"]),
      ...{ name: z.string(), sentence: z.string().min(1), command: z.string().optional() },
    }),
  ),
}) satisfies z.ZodType<DoctorResult>;
const logsShape = z.object({
  ...{ role: z.string(), container: z.string() },
  lines: z.array(z.strictObject({ stream: z.enum(["stdout", "stderr"]), text: z.string() })),
}) satisfies z.ZodType<LogsResult>;
const poolsShape = pooler.extend({ pooler: z.string() }) satisfies z.ZodType<PoolsResult>;
const connectionsShape = z.record(
  z.string(),
  z.looseObject({
    direct: z.string(),
    pooled: z.string().optional(),
    standby: z.string().optional(),
  }),
) satisfies z.ZodType<ConnectionsResult>;
const failure = z.strictObject({ error: z.string().min(1), exitCode: z.number() });

/** A stack of the bundled program. */
class Operated extends Stack {
  operate(
    words: readonly string[],
    { env = {}, input = "" }: { env?: Record<string, string>; input?: string } = {},
  ): Promise<Ran> {
    const own = { ...this.env, LATERBASE_STACK_FILE: this.file, ...env };
    return run("node", [bundle, "--stack", this.name, ...words], {
      cwd: project,
      env: own,
      input,
      seconds: 60,
    });
  }
}

const stack = new Operated(`lbtop${process.pid % 1000}`);
const port = 21_000 + (process.pid % 1000) * 4;

beforeAll(async () => {
  execFileSync("node", ["scripts/cli/bundle.mjs", bundle], { cwd: project });
  await stack.configure({
    primary: { kind: "managed", version: 17, port, databases: ["app"] },
    standbys: [{ name: "standby", port: port + 1 }],
    pooler: { port: port + 2 },
    dumps: { schedule: "@hourly" },
    backups: {
      ...{ stanza: "main", schedules: { full: "0 2 * * 0" }, retention: { full: 2 } },
      repositories: [{ type: "posix" }],
    },
  });
});
afterAll(async () => {
  // It was killed, and what was made on it is undone there.
  await ok("docker", ["start", stack.container("primary")]).catch(() => undefined);
  await until("the primary answers", () =>
    ok("docker", ["exec", stack.container("primary"), "laterbase-health"]).then(
      () => true,
      () => false,
    ),
  ).catch(() => undefined);
  await stack.remove();
  execFileSync("rm", ["-f", bundle]);
});

const sentence = /^laterbase: [A-Z].*\.$/;
const lines = ({ stderr }: Ran) => stderr.trim().split("\n");

/** Whatever is asked: one sentence with this exit code, and with --json one value. Never a stack trace. */
async function refuses(words: string[], code: number, said: RegExp, env = {}): Promise<void> {
  const ran = await stack.operate(words, { env });
  expect([words, ran.code, ran.stdout]).toEqual([words, code, ""]);
  expect(lines(ran).filter((line) => line.startsWith("laterbase: "))).toEqual([
    expect.stringMatching(sentence),
  ]);
  expect(ran.stderr).toMatch(said);
  expect(ran.stderr).not.toMatch(/^ +at /m);
  const json = await stack.operate([...words, "--json"], { env });
  const { error, exitCode } = failure.parse(JSON.parse(json.stdout));
  // shell prints no JSON, which it says first.
  if (words[0] !== "shell") expect([exitCode, error]).toEqual([code, expect.stringMatching(said)]);
}

const all = [
  ["status"],
  ["pools"],
  ["logs", "agent"],
  ["connections"],
  ["list-dumps"],
  ["shell", "app"],
];

describe("a stack that was never up", () => {
  it.each(all.map((words) => [words.join(" "), words]))("%s says so", (_, words) =>
    refuses(
      words,
      1,
      new RegExp(`The stack ${stack.name} is not up: 'npm run pulumi -- up --stack ${stack.name}'`),
    ),
  );

  it("and one that does not exist are two things", async () => {
    const env = { LATERBASE_STACK_FILE: "/nowhere/Pulumi.nosuch.yaml" };
    const ran = await run("node", [bundle, "--stack", "nosuch", "status"], {
      cwd: project,
      env: { ...stack.env, ...env },
    });
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toBe(
      "laterbase: There is no stack nosuch: 'npm run laterbase -- new nosuch --from <example>' makes one.\n",
    );
  });
});

/** Jobs that have not been due yet. */
const scheduled = ["check", "verify", "drill", "maintenance"];

describe("a stack that is up", () => {
  beforeAll(async () => {
    await stack.up();
    await until("a dump and a backup", async () => {
      const { stdout } = await stack.operate(["status", "--json"]);
      const { verdict: found, checks } = statusShape.parse(JSON.parse(stdout));
      const done = (name: string) =>
        checks.some((one) => one.name === name && one.status === "good");
      // Parts that have just started say so for some seconds.
      const waits = checks.filter(({ status }) => status === "pending").map(({ name }) => name);
      const calm = waits.every((name) => scheduled.includes(name));
      const made = done("dump") && done("backup full");
      return calm && found === "healthy" && made && done("repository 1");
    });
  });

  it("is healthy, and everything is shown", async () => {
    const { code, stdout, stderr } = await stack.operate(["status"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^HEALTHY: Everything works\. Not there yet: [a-z, ]*drill[a-z, ]*\.\n/);
    expect(stdout).toMatch(/^app +[\d.]+ MB +\d+ +\S+( \w+)* \(/m);
    expect(stdout).toMatch(/^standby +streaming +\d+ \w+ +[\d.]+ s$/m);
    expect(stdout).toMatch(/^laterbase_standby_slot +yes +reserved +\d+ k?B +10 GB +0 %$/m);
    expect(stdout).toMatch(/^dump +\S+( \w+)* +good +\d{4}-\d\d-\d\d \d\d:00:00 UTC +@hourly$/m);
    expect(stdout).not.toContain("\x1b");
  });

  it("has no finding but notes", async () => {
    const { code, stdout } = await stack.operate(["doctor", "--json"]);
    const { verdict: found, findings } = doctorShape.parse(JSON.parse(stdout));
    expect(findings.filter(({ level }) => level !== "note")).toEqual([]);
    expect([code, found]).toEqual([0, "healthy"]);
  });

  it("shows logs, also of what comes, with control characters as escapes", async () => {
    const said = `printf 'a\\033[31mred\\n' >/proc/1/fd/1`;
    await ok("docker", ["exec", stack.container("agent"), "bash", "-c", said]);
    const { stdout } = await stack.operate(["logs", "agent", "--json", "--tail", "5"]);
    const { lines: shown, container } = logsShape.parse(JSON.parse(stdout));
    expect(container).toBe(stack.container("agent"));
    expect(shown).toContainEqual({ stream: "stdout", text: "a\\x1b[31mred" });
    const follow = spawn(
      "node",
      [bundle, "--stack", stack.name, "logs", "agent", "-f", "--tail", "0"],
      {
        cwd: project,
        env: { ...process.env, ...stack.env },
      },
    );
    let seen = "";
    follow.stdout.on("data", (chunk: Buffer) => (seen += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => follow.once("close", resolve));
    await until("a new line", async () => {
      await ok("docker", [
        "exec",
        stack.container("agent"),
        "bash",
        "-c",
        "echo new line >/proc/1/fd/1",
      ]);
      return seen.includes("new line\n");
    });
    follow.kill("SIGINT");
    expect(await ended).toBe(0);
    const none = await stack.operate(["logs", "nosuch"]);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining("choose from primary, standby, pooler, agent"),
    ]);
  });

  it("opens psql on each server, and a password is nowhere to be seen", async () => {
    const input = "select pg_is_in_recovery() as standby, current_user as me;\n";
    const on = async (...options: string[]) => {
      const { stdout, code, stderr } = await stack.operate(["shell", "app", ...options], { input });
      expect([code, stderr]).toEqual([0, ""]);
      return stdout.split("\n")[2]?.replace(/\s/g, "");
    };
    expect(await on()).toBe("f|postgres");
    expect(await on("--standby")).toBe("t|postgres");
    const { stdout: printed } = await stack.operate(["connections", "app", "--json"]);
    const uri = new URL(connectionsShape.parse(JSON.parse(printed))["app"]!.pooled!);
    expect(await on("--pooled")).toBe(`f|${uri.username}`);
    expect(await on("--as", uri.username)).toBe(`f|${uri.username}`);
    // While a session is open, no process of the container shows the password, and no file soon after.
    const open = stack.operate(["shell", "app", "--pooled"], {
      input: "select pg_sleep(11), 'slept';\n",
    });
    await until("psql runs", async () => {
      const words = await ok("docker", [
        "exec",
        stack.container("pooler"),
        "bash",
        "-c",
        "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'",
      ]);
      expect(words).not.toContain(decodeURIComponent(uri.password));
      return words.includes("laterbase shell");
    });
    const inspected = await ok("docker", ["inspect", stack.container("pooler")]);
    expect(inspected).not.toContain(decodeURIComponent(uri.password));
    await until(
      "the password's file is gone",
      async () => {
        const found = await ok("docker", [
          "exec",
          stack.container("pooler"),
          "bash",
          "-c",
          "ls /dev/shm",
        ]);
        return found.trim() === "";
      },
      12,
    );
    expect((await open).stdout).toContain("slept");
    const other = await stack.operate(["shell", "nosuch"], { input });
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining('database "nosuch" does not exist'),
    ]);
    const bob = await stack.operate(["shell", "app", "--as", "bob"]);
    expect([bob.code, bob.stderr]).toEqual([2, expect.stringContaining('no application "bob"')]);
  });

  it("reads no file of psql that lies in the container", async () => {
    const primary = stack.container("primary");
    const rc =
      "mkdir -p /etc/postgresql-common; echo '\\echo HOSTILE' >/etc/postgresql-common/psqlrc";
    await ok("docker", ["exec", "--user", "0", primary, "bash", "-c", rc]);
    const plain = [
      "psql",
      "-h",
      "/run/pg/primary",
      "-U",
      "postgres",
      "-d",
      "app",
      "-c",
      "select 1",
    ];
    expect(await ok("docker", ["exec", "--user", "999", primary, ...plain])).toContain("HOSTILE");
    const { stdout } = await stack.operate(["shell", "app"], { input: "select 1 as one;\n" });
    expect(stdout).not.toContain("HOSTILE");
    expect(stdout).toContain("(1 row)");
  });

  it("shows the pools that psql has used", async () => {
    const { stdout, code } = await stack.operate(["pools", "--json"]);
    const { pools, pooler: name } = poolsShape.parse(JSON.parse(stdout));
    expect([code, name]).toEqual([0, stack.container("pooler")]);
    expect(pools.map(({ database, mode }) => [database, mode])).toEqual([["app", "transaction"]]);
  });
});

describe("a stack that is half dead", () => {
  beforeAll(async () => {
    await ok("docker", ["kill", stack.container("standby")]);
    await ok("docker", [
      "exec",
      stack.container("pooler"),
      "laterbase-pooler",
      "pause",
      "5",
      "100",
      "all",
    ]);
  });

  it("is shown whole, with the reason for what is not known and what to do", async () => {
    const { code, stdout } = await stack.operate(["status"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^UNHEALTHY: Not everything works: standby\.\n/);
    expect(stdout).toMatch(
      /^FAILED +standby: It is stopped: exit code 137\.\n +next: npm run pulumi/m,
    );
    expect(stdout).toMatch(
      /^DEGRADED +pooler: Its clients wait, because it is paused\.\n +next: .*resume-pooler --stack/m,
    );
    expect(stdout).toMatch(
      /^standby +unknown: \S+ is not running\. +unknown: nothing streams to it$/m,
    );
    expect(stdout).toMatch(/^app +[\d.]+ MB/m);
    const { stdout: json } = await stack.operate(["status", "--json"]);
    const { facts } = statusShape.parse(JSON.parse(json));
    expect(facts.standbys["standby"]).toEqual({
      unknown: `${stack.container("standby")} is not running.`,
    });
    expect(facts.pooler).toMatchObject({ paused: true });
  });

  it("is found by the doctor", async () => {
    const { code, stdout } = await stack.operate(["doctor", "--json"]);
    const { verdict: found, findings } = doctorShape.parse(JSON.parse(stdout));
    expect([code, found]).toEqual([1, "unhealthy"]);
    expect(findings.map(({ level, name }) => `${level} ${name}`)).toEqual(
      expect.arrayContaining(["failed standby", "degraded pooler"]),
    );
  });

  it("answers what its living parts can answer", async () => {
    const pools = await stack.operate(["pools"]);
    expect([pools.code, pools.stdout]).toEqual([
      0,
      expect.stringContaining("The pooler is paused"),
    ]);
    expect((await stack.operate(["resume-pooler"])).code).toBe(0);
    expect((await stack.operate(["list-dumps", "--json"])).code).toBe(0);
    await refuses(
      ["shell", "app", "--standby"],
      1,
      /standby is not running: bring the stack up to start it/,
    );
  });

  it("keeps its table when the agent, the pooler and the primary are dead too", async () => {
    for (const role of ["agent", "pooler", "primary"])
      await ok("docker", ["kill", stack.container(role)]);
    const { code, stdout, stderr } = await stack.operate(["status"]);
    expect([code, stderr]).toEqual([1, ""]);
    for (const role of ["primary", "standby", "pooler", "agent"]) {
      expect(stdout).toMatch(new RegExp(`^FAILED +${role}: It is stopped: exit code 137\\.$`, "m"));
    }
    expect(stdout).toMatch(/^scheduler-proxy +good/m);
    await refuses(["pools"], 1, /is not running: bring the stack up to start it/);
    await refuses(["list-dumps"], 1, /is not running: bring the stack up to start it/);
  });
});

describe("without a Docker engine", () => {
  const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
  it.each(all.filter(([name]) => name !== "connections").map((words) => [words.join(" "), words]))(
    "%s is one sentence",
    (_, words) =>
      refuses(
        words,
        1,
        /No Docker engine answers at unix:\/\/\/nowhere\/docker\.sock: nothing is at its address\./,
        env,
      ),
  );

  it("connections need none", async () => {
    const { code, stdout } = await stack.operate(["connections", "--json"], { env });
    expect(code).toBe(0);
    expect(Object.keys(connectionsShape.parse(JSON.parse(stdout)))).toEqual(["app"]);
  });
});
