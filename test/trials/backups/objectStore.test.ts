import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "../../../scripts/steps/tls/certificates";
import { ok, run, until } from "../../support/process";
import { Stack } from "../../support/stack";

// A stack by the real program, whose second repository is its own object store. It is taken away while
// clients write: for ten minutes, or for LATERBASE_AWAY_MINUTES.
const awaySeconds = 60 * Number(process.env["LATERBASE_AWAY_MINUTES"] ?? 10);
jest.setTimeout((awaySeconds + 900) * 1000);

const stack = new Stack("away");
const store = stack.container("object-store");
const config = {
  primary: { kind: "managed", version: 17, port: 55731, databases: ["app"] },
  objectStore: { port: 55732, bucket: "away-backups" },
  backups: {
    processMax: 2,
    encryption: {},
    repositories: [{ type: "posix" }, { type: "objectStore" }],
  },
};

const inside = (role: string, script: string) =>
  ok("docker", [
    ...["exec", "--user", "999", stack.container(role), "bash", "-c"],
    `set -euo pipefail; ${script}`,
  ]);
const agent = (script: string) => inside("agent", script);

const socket = "/run/pg/primary";
const sql = (text: string) =>
  inside(
    "primary",
    `psql -X -q -A -t -v ON_ERROR_STOP=1 -h ${socket} -U postgres -d app -c "${text}"`,
  ).then((said) => said.trim());

interface Watched {
  repository: number;
  newestWal?: { segment: string; age: number };
  problem?: string;
}

/** What the agent's health check says about a repository. */
async function watched(number: number): Promise<Watched> {
  const { stdout } = await run("docker", ["exec", stack.container("agent"), "laterbase-health"]);
  const status = JSON.parse(stdout.trim().split("\n").at(-1)!) as { repositories?: Watched[] };
  const found = status.repositories?.find(({ repository }) => repository === number);
  if (!found) throw new Error(`the status says nothing of repository ${number}: ${stdout}`);
  return found;
}

/** The newest WAL of a repository, as pgBackRest lists it. */
async function newestWal(number: number): Promise<string> {
  const said = await agent(`pgbackrest --stanza=main --repo=${number} --output=json info`);
  const [stanza] = JSON.parse(said) as { archive: { max: string }[] }[];
  return stanza?.archive.at(-1)?.max ?? "";
}

const tables = ["pgbench_accounts", "pgbench_branches", "pgbench_history", "pgbench_tellers"];
const sum = (table: string) =>
  `SELECT '${table}', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ${table} t`;
/** A checksum of every row of every table. */
const sums = tables.map(sum).join(" UNION ALL ");

/** The checksums in what bare pgBackRest restores from a repository, in the agent's container. */
async function restoredSums(repository: number): Promise<string> {
  const bin = "/usr/lib/postgresql/17/bin";
  const run = `pg_ctl -D /tmp/restored/data -w -t 300 -l /tmp/restored/log`;
  await agent(`
    rm -rf /tmp/restored && mkdir -m 0700 /tmp/restored /tmp/restored/data && cd /tmp
    pgbackrest --stanza=main --repo=${repository} --pg1-path=/tmp/restored/data --archive-mode=off \\
      --log-level-console=warn restore
    echo 'local all all trust' >/tmp/restored/hba
    echo "unix_socket_directories = '/tmp/restored'
listen_addresses = ''
max_connections = 1000
hba_file = '/tmp/restored/hba'" >/tmp/restored/conf
    PATH=${bin}:$PATH ${run} -o '-c config_file=/tmp/restored/conf' start >/dev/null
    until [ "$(psql -X -A -t -h /tmp/restored -U postgres -c 'SELECT pg_is_in_recovery()')" = f ]; do sleep 0.5; done`);
  try {
    return await agent(`psql -X -A -t -h /tmp/restored -U postgres -d app -c "${sums}" | sort`);
  } finally {
    await agent(`PATH=${bin}:$PATH ${run} -m immediate stop >/dev/null; rm -rf /tmp/restored`);
  }
}

const psqlSums = async () => (await sql(sums)).split("\n").sort().join("\n").trim();

beforeAll(async () => {
  await stack.configure(config);
  await stack.up();
  await inside("primary", `pgbench -i -q -s 5 -h ${socket} -U postgres app 2>&1`);
  for (const number of [1, 2]) {
    await until(
      `repository ${number} has a full backup`,
      () =>
        agent(`laterbase-agent backup --type full --repo ${number} >/dev/null`).then(
          () => true,
          () => false,
        ),
      300,
    );
  }
}, 900_000);
afterAll(() => stack.remove(), 300_000);

it(`loses nothing while it is away for ${awaySeconds} s under load`, async () => {
  const seconds = Math.max(awaySeconds, 120) + 240;
  const load = inside(
    "primary",
    `timeout ${seconds} pgbench -n -c 4 -j 1 -R 200 -P 5 -T ${seconds} -h ${socket} -U postgres app 2>&1 || true`,
  );
  const before = await newestWal(2);
  await ok("docker", ["stop", store]);
  const gone = Date.now();
  // Within two minutes everybody can see it.
  await until(
    "the agent says that repository 2 cannot be read, and how old its newest WAL is",
    async () => {
      const { problem, newestWal } = await watched(2);
      return problem !== undefined && newestWal!.age >= 60;
    },
    120,
  );
  const rest = gone + awaySeconds * 1000 - Date.now();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
  // The status is up to a minute old.
  const away = (Date.now() - gone) / 1000;
  expect((await watched(2)).newestWal!.age).toBeGreaterThanOrEqual(away - 60);

  // The other repository has got its WAL meanwhile, and the primary takes writes.
  const written = await sql("SELECT pg_walfile_name(pg_switch_wal())");
  await until("repository 1 has the WAL of now", async () => (await newestWal(1)) >= written, 180);
  expect(await sql("CREATE TABLE while_away (n int); DROP TABLE while_away; SELECT 1")).toBe("1");

  await ok("docker", ["start", store]);
  const back = Date.now();
  await until("repository 2 has caught up", async () => (await newestWal(2)) >= written, 300);
  console.log(`caught up ${((Date.now() - back) / 1000).toFixed(1)} s after its return`);
  await until(
    "the agent reads repository 2 again",
    async () => (await watched(2)).problem === undefined,
    120,
  );
  await inside("primary", "pkill -INT pgbench || true");
  const rates = [...(await load).matchAll(/^progress: [\d.]+ s, ([\d.]+) tps/gm)];
  expect(rates.length).toBeGreaterThan(awaySeconds / 10);
  expect(rates.filter(([, tps]) => Number(tps) === 0)).toEqual([]);

  const last = await sql("SELECT pg_walfile_name(pg_switch_wal())");
  await until("repository 2 has everything", async () => (await newestWal(2)) >= last, 120);
  expect(last > before).toBe(true);
  const wanted = await psqlSums();
  expect(wanted).toContain("pgbench_accounts|500000|");
  expect((await restoredSums(2)).trim()).toBe(wanted);
});

it("ends the upload that a killed backup left there, after a day", async () => {
  // Text that does not get small: its file goes in parts.
  await sql("CREATE TABLE noise AS SELECT md5(n::text) FROM generate_series(1, 3000000) n");
  const parts = "/data/away-backups/.sgwtmp/multipart";
  const unfinished = async () =>
    (
      await ok("docker", [
        ...["exec", "--user", "999", store, "sh", "-c"],
        `find ${parts} -mindepth 2 -maxdepth 2 -type d 2>/dev/null || true`,
      ])
    )
      .split("\n")
      .filter(Boolean);
  const maintained = () => agent("laterbase-agent maintain-backups --repo 2 2>&1");
  // WAL goes in parts too, and its uploads end by themselves.
  await until("no file is on its way", async () => (await unfinished()).length === 0);
  const backup = agent(
    "laterbase-agent backup --type full --repo 2 >/dev/null 2>&1 || echo failed",
  );
  await until("a file is on its way", async () => (await unfinished()).length > 0);
  await agent("pkill -KILL pgbackrest");
  expect(await backup).toBe("failed\n");
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const left = await unfinished();
  expect(left.length).toBeGreaterThan(0);

  // They are too new: a command that runs may finish them.
  expect(await maintained()).not.toContain("killed commands had not finished");
  expect(await unfinished()).toEqual(expect.arrayContaining(left));
  const old = `touch -d @${Math.floor(Date.now() / 1000) - 90_000} ${left.join(" ")}`;
  await ok("docker", ["exec", "--user", "999", store, "sh", "-c", old]);
  const uploads = left.length === 1 ? "1 upload was" : `${left.length} uploads were`;
  expect(await maintained()).toContain(`${uploads} ended that killed commands had not finished.`);
  const after = await unfinished();
  expect(left.filter((one) => after.includes(one))).toEqual([]);
  await sql("DROP TABLE noise");
  await agent("laterbase-agent backup --type full --repo 2 >/dev/null");
});

it("says in a sentence that its authority is another one, and `up` puts the right one back", async () => {
  const wrong = join(stack.folder, "wrong.crt");
  writeFileSync(wrong, (await makeAuthority("another")).certificate);
  const volume = `laterbase-${stack.name}-pgbackrest-conf`;
  const { stdout: image } = await run("docker", [
    ...["inspect", "--format", "{{.Config.Image}}", stack.container("primary")],
  ]);
  await ok("docker", [
    ...["run", "--rm", "--user", "0", "--entrypoint", "cp", "--volume", `${volume}:/conf`],
    ...["--volume", `${wrong}:/wrong.crt:ro`, image.trim(), "/wrong.crt", "/conf/repo2-ca.crt"],
  ]);
  const { code, stdout, stderr } = await run("docker", [
    ...["exec", stack.container("agent"), "laterbase-agent", "check-backups", "--repo", "2"],
  ]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("[CryptoError] unable to verify certificate");
  await stack.wrapped("up", "--yes");
  await agent("laterbase-agent check-backups --repo 2");
});

it("gets other keys by `up`, with the same objects", async () => {
  const urns = await stack.must(["stack", "--show-urns"]);
  const [urn = ""] = /urn:\S+object-store-secret-key/.exec(urns) ?? [];
  const key = () =>
    ok("docker", ["exec", "--user", "999", store, "cat", "/etc/laterbase/secret-key"]);
  const old = await key();
  await stack.must(["state", "unprotect", urn, "--yes"]);
  await stack.up("--replace", urn);
  expect(await key()).not.toBe(old);
  await agent("laterbase-agent check-backups --repo 2");
  await agent("laterbase-agent backup --type incr --repo 2");
  expect((await restoredSums(2)).trim()).toBe(await psqlSums());
  // The key is protected again, as its data are.
  expect((await stack.destroy("--exclude-protected")).length).toBeGreaterThan(0);
  expect(await stack.must(["stack", "--show-urns"])).toContain("object-store-secret-key");
});

it("goes on after destroy with the same objects, keys and authority", async () => {
  await stack.up();
  await agent("laterbase-agent check-backups --repo 2");
  expect((await restoredSums(2)).trim()).toBe(await psqlSums());
});
