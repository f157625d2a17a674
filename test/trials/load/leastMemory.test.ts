import { Client } from "pg";
import { leastMemory } from "../../../components/kit/serverMemory";
import { ok } from "../../support/process";
import { Stack } from "../../support/stack";

// The least memory that `primary.memory` and `standbys[].memory` take, with as many clients as max_connections lets in.
// Each holds a sort of its whole work_mem at the same time, on both servers, while a full backup runs. The kernel must
// end no process: what it has counted decides.
const connections = 100;
const memory = `${leastMemory(connections)}MB`;
// Superusers' 3, and what the jobs of the stack need.
const clients = connections - 10;
jest.setTimeout(900_000);

const stack = new Stack("t-least");
const roles = ["primary", "standby"] as const;
const config = {
  primary: { ...{ kind: "managed", version: 17, port: 18773, databases: ["app"] }, memory },
  standbys: [{ name: "standby", port: 18774, memory }],
  backups: { repositories: [{ type: "posix" }], compression: { type: "lz4" } },
};

const inside = (role: string, script: string) =>
  ok("docker", ["exec", stack.container(role), "bash", "-c", script]);

/** What the kernel has counted of a container: its ends for want of memory, and the most that it used. */
async function counted(role: string): Promise<{ kills: number; most: number; limit: number }> {
  const said = await inside(
    role,
    `cd /sys/fs/cgroup && if [ -e memory.events ]; then
       sed -n 's/^oom_kill //p' memory.events; cat memory.peak memory.max
     else cd memory; sed -n 's/^oom_kill //p' memory.oom_control; cat memory.max_usage_in_bytes memory.limit_in_bytes; fi`,
  );
  const [kills = Number.NaN, most = Number.NaN, limit = Number.NaN] = said
    .trim()
    .split("\n")
    .map(Number);
  return { kills, most, limit };
}

/** What its memory is for, in words, where the kernel says it so. */
const held =
  "cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat 2>/dev/null | grep -E '^(anon|rss|shmem|kernel|cache) ' | xargs";

/** What a container would have lost with a process that the kernel ended. */
async function lives(role: string): Promise<string> {
  const said = "{{.State.OOMKilled}} {{.RestartCount}} {{.State.StartedAt}}";
  const state = await ok("docker", ["inspect", "-f", said, stack.container(role)]);
  const started = `psql -XAtqh /run/pg/${role} -U postgres -c 'SELECT pg_postmaster_start_time()'`;
  return `${state.trim()} ${(await inside(role, started)).trim()}`;
}

const sort =
  "SELECT aid, filler FROM pgbench_accounts WHERE aid <= 20000 ORDER BY filler, aid DESC";

beforeAll(async () => {
  await stack.configure(config);
  await stack.up();
  await inside("primary", "pgbench -h /run/pg/primary -U postgres -i -q -s 20 app 2>&1");
});
afterAll(() => stack.remove(), 300_000);

it(`serves ${clients} sorts at once with ${memory}, while a backup runs`, async () => {
  const { app } = (await stack.outputsOfSuperuser()).connections as Record<string, any>;
  const before = await Promise.all(roles.map(lives));
  const open: Client[] = [];
  try {
    for (const uri of [app.direct, app.standby] as string[]) {
      for (let n = 0; n < clients; n++) {
        const client = new Client({ connectionString: uri });
        client.on("error", () => undefined);
        await client.connect();
        open.push(client);
      }
    }
    const backup = stack.laterbase("backup", "full", "--json");
    // Every sort is held by its cursor until the transaction ends. Ten begin at a time.
    const begun = [...open];
    const lane = async () => {
      for (let client = begun.shift(); client; client = begun.shift()) {
        // What a client of an application has looked up by then.
        await client.query(
          "SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid",
        );
        await client.query("SELECT * FROM information_schema.columns LIMIT 50");
        await client.query(`BEGIN; DECLARE held CURSOR FOR ${sort}; FETCH 1 FROM held`);
      }
    };
    await Promise.all(Array.from({ length: 10 }, lane));
    for (const role of roles) console.log(role, await inside(role, held));
    const counts = await Promise.all(open.map((one) => one.query("FETCH ALL FROM held")));
    expect(new Set(counts.map(({ rowCount }) => rowCount))).toEqual(new Set([19_999]));
    const { code, stdout, stderr } = await backup;
    expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  } finally {
    await Promise.all(open.map((one) => one.end().catch(() => undefined)));
  }
  const after = await Promise.all(roles.map(counted));
  console.log(JSON.stringify(after));
  expect(after.map(({ kills }) => kills)).toEqual([0, 0]);
  expect(after.map(({ limit }) => limit)).toEqual(
    roles.map(() => leastMemory(connections) * 2 ** 20),
  );
  expect(await Promise.all(roles.map(lives))).toEqual(before);
});
