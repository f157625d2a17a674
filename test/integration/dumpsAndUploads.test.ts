import { ok, until } from "../support/process";
import { checksums, sql, Stack } from "../support/stack";

// Agent, scheduler and Duplicati by the real CLI on a real engine. Where no image can be pulled, Ofelia
// and Duplicati are stand-ins.
const stack = new Stack("t-dumps");
const agent = stack.container("agent");
const config = {
  primary: {
    kind: "managed",
    version: 17,
    port: 18120,
    databases: ["mfi_banking", 'My Library "2024" é'],
    initScripts: "examples/hot-hot/schema",
  },
  standbys: [{ name: "standby", port: 18121 }],
  dumps: { schedule: "@every 10s", retentionDays: 1, retentionCount: 2 },
  duplicati: { port: 18122, target: "file:///archive", schedule: "@every 20s" },
};

jest.setTimeout(600_000);

const inAgent = (script: string) => ok("docker", ["exec", agent, "bash", "-c", script]);

interface Run {
  job: string;
  trigger: string;
  result: string;
  detail: string;
  endedAt: string;
  databases?: { database: string; source: string }[];
}

async function runs(job: string): Promise<Run[]> {
  const log = await inAgent(`cat /var/lib/laterbase/records/${job}.log.jsonl 2>/dev/null || true`);
  return log
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Run);
}

/** Runs an operator's command that must succeed, and returns the value that it prints. */
async function laterbase<T = any>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await stack.laterbase("--json", ...args);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout) as T;
}

async function jobs(): Promise<{ Name: string; Settings: { Name: string; Value: string }[] }[]> {
  const { duplicati } = await stack.outputs();
  const api = `${duplicati.url}/api/v1`;
  const login = await fetch(`${api}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ Password: duplicati.password, RememberMe: false }),
  });
  const { AccessToken: token } = (await login.json()) as { AccessToken: string };
  const headers = { authorization: `Bearer ${token}` };
  const list = (await (await fetch(`${api}/backups`, { headers })).json()) as any[];
  return Promise.all(
    list.map(async ({ Backup }) => {
      const one = await (await fetch(`${api}/backup/${Backup.ID}`, { headers })).json();
      return (one as any).data?.Backup ?? (one as any).Backup;
    }),
  );
}

const retention = async () =>
  (await jobs()).map(({ Name, Settings }) => [
    Name,
    Settings.find((setting) => setting.Name === "retention-policy")?.Value,
  ]);

beforeAll(async () => {
  await stack.configure(config);
  await stack.up();
}, 900_000);

afterAll(() => stack.remove(), 300_000);

it("dumps the standby, at its first start and at each tick of the schedule", async () => {
  await until("three ticks", async () => {
    const good = (await runs("dump")).filter(({ result }) => result === "success");
    return good.filter(({ trigger }) => trigger === "schedule").length >= 3;
  });
  // A tick during the first dump is skipped.
  const first = (await runs("dump")).find(({ trigger }) => trigger === "start");
  expect(first?.result).toBe("success");
  // The first dump reads the primary if the standby is still being cloned.
  const names = ['My Library "2024" é', "mfi_banking", "postgres"];
  expect(first?.databases?.map(({ database }) => database)).toEqual(names);
  const last = (await runs("dump")).findLast(({ trigger, result }) =>
    [trigger, result].every((word) => ["schedule", "success"].includes(word)),
  );
  expect(last?.databases?.map(({ database, source }) => [database, source])).toEqual(
    names.map((name) => [name, "standby"]),
  );
  // Both retention rules must want a dump gone, and none is a day old.
  const dumps = await laterbase<{ database: string }[]>("list-dumps", "mfi_banking");
  expect(dumps.length).toBeGreaterThanOrEqual(4);
});

it("shows no change afterwards, not even while it dumps", async () => {
  expect(await stack.preview("--refresh")).not.toMatch(/to (create|update|delete|replace)/);
  expect(await stack.up()).not.toMatch(/(created|updated|deleted|replaced)/);
});

it("restores what the operator asks for, row for row", async () => {
  const outputs = await stack.outputs();
  const direct = outputs.connections.mfi_banking.direct as string;
  const before = await checksums(direct);
  const { databases } = await laterbase("dump", "mfi_banking");
  // By its name, because the next tick makes a newer one.
  const id = databases[0].folder as string;
  await sql(direct, "delete from mfi_user_activity_logs");
  const restored = await laterbase("restore-dump", id, "--as", "As It Was");
  expect(restored).toMatchObject({ database: "As It Was", differences: [] });
  expect(await checksums(direct.replace(/\/mfi_banking$/, "/As%20It%20Was"))).toEqual(before);
  const back = await laterbase("restore-dump", id, "--in-place", "--yes");
  expect(await checksums(direct)).toEqual(before);
  await sql(direct.replace(/\/mfi_banking$/, "/postgres"), `drop database "${back.replaced.kept}"`);
  await sql(direct.replace(/\/mfi_banking$/, "/postgres"), 'drop database "As It Was"');
});

it("uploads at each tick of the schedule, by the job that up made", async () => {
  expect(await retention()).toEqual([["laterbase t-dumps", "1W:1D,4W:1W,12M:1M"]]);
  await until("an upload by the schedule", async () =>
    (await runs("upload")).some((run) => run.trigger === "schedule" && run.result === "success"),
  );
});

/** A dump of mfi_banking from the newest archive, as base64. The tools are those of the image that runs. */
async function archivedDump(passphrase: string): Promise<string> {
  const duplicati = stack.container("duplicati");
  const image = await ok("docker", ["inspect", "--format", "{{.Config.Image}}", duplicati]);
  if (!image.includes("stand-in")) {
    const restore = `read -r PASSPHRASE && export PASSPHRASE && back=$(mktemp -d) &&
      duplicati-cli restore file:///archive '*mfi_banking.backup' --restore-path="$back" --no-local-db=true >&2 &&
      find "$back" -name mfi_banking.backup | sort | tail -n 1 | xargs base64`;
    const input = `${passphrase}\n`;
    return ok("docker", ["exec", "-i", duplicati, "bash", "-c", restore], { input });
  }
  const newest = 'base64 "$(ls -t /archive/duplicati-*.tar.gz.aes | head -n 1)"';
  const archive = await ok("docker", ["exec", duplicati, "bash", "-c", newest]);
  const unpack = `base64 -d |
    openssl enc -d -aes-256-cbc -pbkdf2 -iter 100000 -pass env:PASSPHRASE |
    tar -xzO --wildcards '*/mfi_banking.backup' --occurrence=1 | base64`;
  return ok("bash", ["-c", unpack], { input: archive, env: { PASSPHRASE: passphrase } });
}

it("stores archives that give a database back without the agent", async () => {
  const { connections, duplicati } = await stack.outputs();
  const before = await checksums(connections.mfi_banking.direct);
  const archived = await archivedDump(duplicati.passphrase as string);
  const psql = "psql -h /run/pg/primary -q -c 'CREATE DATABASE from_archive'";
  const restore = "base64 -d | pg_restore -h /run/pg/primary -d from_archive --exit-on-error";
  await ok(
    "docker",
    ["exec", "-i", stack.container("primary"), "bash", "-ec", `${psql}; ${restore}`],
    { input: archived },
  );
  const restored = (connections.mfi_banking.direct as string).replace(/[^/]*$/, "from_archive");
  expect(await checksums(restored)).toEqual(before);
  await sql(connections.mfi_banking.direct, "drop database from_archive");
});

it("changes the job in place by up, twice, and changes the schedule", async () => {
  for (const policy of ["2W:1D", "3W:1D,U:1M"]) {
    await stack.configure({ ...config, duplicati: { ...config.duplicati, retention: policy } });
    await stack.up();
    expect(await retention()).toEqual([["laterbase t-dumps", policy]]);
  }
  const hourly = { ...config, dumps: { ...config.dumps, schedule: "@hourly" } };
  await stack.configure(hourly);
  await stack.up();
  const count = (await runs("dump")).length;
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  expect((await runs("dump")).length).toBeLessThanOrEqual(count + 1);
});

it("shows no secret anywhere", async () => {
  const outputs = await stack.outputs();
  const secrets = [...(await stack.generatedPasswords()), outputs.duplicati.passphrase as string];
  expect(secrets.length).toBeGreaterThanOrEqual(6);
  const roles = ["primary", "standby", "agent", "scheduler", "scheduler-proxy", "duplicati"];
  const places = [await stack.state()];
  for (const role of roles.map((one) => stack.container(one))) {
    places.push(await ok("docker", ["inspect", role]));
    places.push(await ok("bash", ["-c", `docker logs ${role} 2>&1`]));
    places.push(await ok("docker", ["top", role, "-eo", "pid,args"]));
  }
  const text = places.join("\n");
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

it("keeps dumps, records and archives when it goes, and leaves no role behind", async () => {
  const { connections } = await stack.outputs();
  const dumps = await laterbase<{ id: string }[]>("list-dumps");
  await stack.destroy("--exclude-protected");
  const left = await ok("docker", [
    ...["volume", "ls", "--quiet", "--filter", `label=laterbase.stack=${stack.name}`],
  ]);
  expect(left.split("\n").filter(Boolean).sort()).toEqual(
    [
      "agent-records",
      "backups",
      "duplicati-archive",
      "duplicati-data",
      "primary-data",
      "standby-data",
    ].map((name) => stack.container(name)),
  );
  await stack.up();
  const again = await laterbase<{ id: string }[]>("list-dumps");
  expect(again.map(({ id }) => id)).toEqual(expect.arrayContaining(dumps.map(({ id }) => id)));
  expect((await stack.outputs()).connections).toEqual(connections);
});
