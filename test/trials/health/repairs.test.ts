import type { Check } from "../../../contract/health/check";
import type { HealthReport } from "../../../contract/health/report";
import { ok, type Ran, run, until } from "../../support/process";
import { Stack } from "../../support/stack";

// Real faults on a real stack. Each is seen in time and named with a command. That command is run as it is printed, and
// the fault is gone. The faults here are those that a command can repair: a clock, a full disk and a damaged repository
// need a person first.
const stack = new Stack("t-repairs");
const port = { direct: 18471, standby: 18472, pooled: 18473, health: 18474 };
jest.setTimeout(600_000);

beforeAll(async () => {
  await stack.configure({
    primary: {
      ...{ kind: "managed", version: 17, port: port.direct, databases: ["app"] },
      slotRetention: "256MB",
    },
    standbys: [{ name: "standby", port: port.standby }],
    pooler: { port: port.pooled },
    dumps: { schedule: "* * * * *", retentionDays: 1, retentionCount: 1 },
    backups: { repositories: [{ type: "posix" }] },
    health: { port: port.health, thresholds: { jobGrace: 60 } },
  });
  await stack.up();
  await healthy(240);
}, 900_000);

afterAll(() => stack.remove(), 300_000);

async function report(): Promise<HealthReport> {
  const answer = await fetch(`http://127.0.0.1:${port.health}/health`);
  const said = (await answer.json()) as HealthReport;
  expect(answer.status).toBe(said.status === "unhealthy" ? 503 : 200);
  return said;
}

const isWrong = ({ status }: Check) => status !== "good" && status !== "pending";

async function healthy(seconds: number): Promise<void> {
  let wrong: string[] = [];
  await until(
    "everything is good",
    async () => {
      wrong = (await report()).checks
        .filter(isWrong)
        .map(({ name, sentence }) => `${name}: ${sentence}`);
      return wrong.length === 0;
    },
    seconds,
  ).catch((error: Error) => {
    throw new Error(`${error.message} Still wrong: ${wrong.join(" ")}`);
  });
}

const sql = (role: "primary" | "standby", text: string) =>
  ok("docker", [
    ...["exec", stack.container(role), "psql", "-h", `/run/pg/${role}`, "-U", "postgres"],
    ...["-XAtqc", text],
  ]);

const docker = (...words: string[]) => ok("docker", words);

/** Runs a command as the monitor printed it. */
function asPrinted(command: string): Promise<Ran> {
  const words = command.replace(` --stack ${stack.name}`, "");
  const operator = /^npm run laterbase -- (.*)$/.exec(words)?.[1];
  if (operator !== undefined) return stack.laterbase(...operator.split(" "));
  const up = /^npm run pulumi -- up(.*)$/.exec(words)?.[1];
  if (up !== undefined)
    return stack.wrapped("up", "--yes", "--skip-preview", ...up.split(" ").filter(Boolean));
  return run("bash", ["-c", command]);
}

interface Fault {
  fault: string;
  /** Makes it. */
  make: () => Promise<unknown>;
  /** The check that names it, and how soon, in seconds. */
  check: string;
  within: number;
  /** What the printed command begins with. */
  command: RegExp;
  /** What a person has put right before the command is run. */
  first?: () => Promise<unknown>;
}

const up = /^npm run pulumi -- up /;
const slot = "slot laterbase_standby_slot";

const faults: Fault[] = [
  {
    fault: "a standby is killed",
    make: () => docker("kill", stack.container("standby")),
    ...{ check: "standby", within: 40, command: up },
  },
  {
    fault: "a standby is cut off from the network",
    make: () =>
      docker("network", "disconnect", `laterbase-${stack.name}`, stack.container("standby")),
    ...{ check: "standby", within: 40, command: up },
  },
  {
    fault: "replay is paused",
    make: () => sql("standby", "SELECT pg_wal_replay_pause()"),
    ...{ check: "standby", within: 20, command: /^docker exec / },
  },
  {
    fault: "a slot is dropped",
    make: async () => {
      await docker("stop", stack.container("standby"));
      await sql("primary", "SELECT pg_drop_replication_slot('laterbase_standby_slot')");
    },
    ...{ check: slot, within: 20, command: up },
  },
  {
    fault: "a slot holds more than half of its limit",
    make: async () => {
      await docker("stop", stack.container("standby"));
      await sql("primary", "CREATE TABLE IF NOT EXISTS filler (t text)");
      await sql(
        "primary",
        "INSERT INTO filler SELECT md5(i::text) FROM generate_series(1, 1600000) i",
      );
    },
    ...{ check: slot, within: 20, command: up },
  },
  {
    fault: "the scheduler is dead, so dumps are overdue",
    make: () => docker("stop", "--time", "1", stack.container("scheduler")),
    ...{ check: "scheduler", within: 200, command: up },
  },
  {
    fault: "the agent is dead",
    make: () => docker("kill", stack.container("agent")),
    ...{ check: "agent", within: 40, command: up },
  },
  {
    fault: "a dump fails, because its folder cannot be written",
    make: async () => {
      await docker("exec", stack.container("agent"), "chmod", "0500", "/backups");
      await stack.laterbase("dump");
    },
    ...{ check: "dump", within: 60, command: /^npm run laterbase -- dump / },
    first: () => docker("exec", stack.container("agent"), "chmod", "2750", "/backups"),
  },
  {
    fault: "the pooler is stopped",
    make: () => docker("stop", stack.container("pooler")),
    ...{ check: "pooler", within: 40, command: up },
  },
  {
    fault: "the pooler is paused",
    make: () => stack.laterbase("pause-pooler"),
    ...{ check: "pooler", within: 20, command: /^npm run laterbase -- resume-pooler / },
  },
  {
    fault: "the primary is down",
    make: () => docker("stop", stack.container("primary")),
    ...{ check: "primary", within: 40, command: up },
  },
];

it.each(faults)("$fault: it is seen, and the printed command repairs it", async (one) => {
  await one.make();
  let found: Check | undefined;
  await until(
    `the check ${one.check} names a command like ${one.command.source}`,
    async () => {
      found = (await report()).checks.find(({ name }) => name === one.check);
      return found !== undefined && isWrong(found) && one.command.test(found.command ?? "");
    },
    one.within,
  );
  const shown = await stack.laterbase("health");
  expect([shown.code === 0, shown.stdout]).toEqual([
    false,
    expect.stringContaining(`next: ${found!.command!}`),
  ]);
  const status = await stack.laterbase("status", "--json");
  expect((JSON.parse(status.stdout) as { verdict: string }).verdict).not.toBe("healthy");
  await one.first?.();
  const { code, stdout, stderr } = await asPrinted(found!.command!);
  if (code !== 0 && code !== 3) throw new Error(`${found!.command}: ${stdout}${stderr}`);
  await healthy(240);
  expect((await stack.laterbase("health")).code).toBe(0);
});
