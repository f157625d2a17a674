import { baseImage } from "../../images/build/postgres";
import { inTrials } from "../support/cases";
import { doAll, ok, until } from "../support/process";
import { checksums, replayed, Stack } from "../support/stack";
import { builtImage, Stranger, superuser, superuserPassword } from "../support/primaryServer";
import { SecondEngine } from "../support/secondEngine";
import { SshServer } from "../support/primarySshServer";

jest.setTimeout(900_000);

// One primary and two standbys: one on this machine's Docker engine, the other on an engine that is only
// reached as `ssh://…`. The other machine is a network namespace of this one.
const stack = new Stack("t-two-engines");
const subnet = "10.213.28";
const server = new Stranger(13, {
  network: ["--subnet", `${subnet}.0/24`],
  docker: ["--publish", `${subnet}.1:5432:5432`],
});
const ssh = new SshServer(server.name);
const engine = new SecondEngine();
const second = stack.container("second");
const both: Record<string, string> = {};
let before: Record<string, string>;
let primary: string;

/** The keys of SSH stay in the file, whichever way is used. */
async function configure(kind: "sql" | "ssh"): Promise<void> {
  await stack.configure(
    {
      primary: {
        kind: "external",
        host: `${subnet}.1`,
        version: 13,
        superuser: { name: superuser },
        databases: ["postgres"],
        access: { kind, user: "admin", port: ssh.port, hostKey: ssh.hostKey.trim() },
        allowFrom: [`${subnet}.0/24`, engine.network],
      },
      standbys: [
        // The steps on the primary begin at the engine of the first in the list.
        { name: "second", port: 18261, dockerHost: engine.host, bindAddress: "0.0.0.0" },
        { name: "first", port: 18260 },
      ],
    },
    {
      "primary.superuser.password": superuserPassword,
      "primary.access.privateKey": ssh.privateKey,
    },
  );
}

beforeAll(async () => {
  await server.start();
  await engine.start();
  await engine.give(await builtImage(13), baseImage(13));
  await server.bash(`PGPASSFILE=/tmp/pass pgbench -h /tmp -U "$U" -i -q -s 5 postgres 2>/dev/null`);
  before = await server.snapshot();
  await ssh.start(`${subnet}.1`);
  await configure("sql");
  await stack.up();
  const { standbys } = await stack.outputs();
  const login = [superuser, superuserPassword].map(encodeURIComponent).join(":");
  const uri = (host: string, port: number) => `postgresql://${login}@${host}:${port}/postgres`;
  for (const name of ["first", "second"])
    both[name] = uri(standbys[name].host, standbys[name].port);
  primary = uri(`${subnet}.1`, 5432);
});

afterAll(async () => {
  await doAll(
    () => stack.remove(),
    () => engine.end(),
    () => ssh.stop(),
    () => server.stop(),
  );
});

it("has every row on both, and nothing to do in a second up", async () => {
  await server.sql("update pgbench_accounts set abalance = 1 where aid <= 1000");
  const lsn = await server.sql("select pg_current_wal_flush_lsn()");
  const rows = await checksums(primary);
  for (const uri of Object.values(both)) {
    await until(`${uri} has replayed ${lsn}`, () => replayed(uri, lsn), 300);
    expect(await checksums(uri)).toEqual(rows);
  }
  await stack.preview("--expect-no-changes");
});

it("runs the second one on its own engine, in a network and under the names of the stack", async () => {
  expect(await ok("docker", ["ps", "--format", "{{.Names}}"])).not.toContain(second);
  expect(await engine.docker("ps", "--format", "{{.Names}} {{.Networks}}")).toBe(
    `${second} laterbase-t-two-engines\n`,
  );
  expect((await stack.outputs()).standbys).toEqual({
    first: { host: "127.0.0.1", port: 18260, slot: "laterbase_first_slot" },
    // The address at which ssh finds the engine. The standby listens on every address of that machine.
    second: { host: "10.214.0.2", port: 18261, slot: "laterbase_second_slot" },
  });
  expect(
    await server.sql(
      "select application_name, slot_name from pg_replication_slots join pg_stat_replication on pid = active_pid order by 1",
    ),
  ).toBe("first|laterbase_first_slot\nsecond|laterbase_second_slot");
});

// With a resource for each way, the new steps ran, and then the inverses of the old ones.
it("keeps slots, limit, block and role when SQL becomes SSH, and back", async () => {
  const prepared = await server.snapshot();
  const streams = () =>
    server.sql("select slot_name, active_pid from pg_replication_slots order by 1");
  const running = await streams();
  for (const kind of ["ssh", "sql"] as const) {
    await configure(kind);
    await stack.up();
    expect(ssh.commands.length > 0).toBe(true);
    expect(await server.snapshot()).toEqual(prepared);
    expect(await streams()).toBe(running);
  }
  expect(ssh.commands).not.toContain("bash -s -- remove");
  await stack.preview("--expect-no-changes");
});

if (inTrials()) {
  it("makes the second one again after its container was removed there", async () => {
    await engine.docker("rm", "--force", second);
    await stack.up("--refresh");
    const lsn = await server.sql("select pg_current_wal_flush_lsn()");
    await until("the second one is there again", () => replayed(both["second"]!, lsn), 300);
  });
}

it("leaves the primary as it was, and only its data volumes on both engines", async () => {
  await stack.destroy("--exclude-protected");
  expect(await server.snapshot()).toEqual(before);
  expect(await engine.docker("ps", "--all", "--quiet")).toBe("");
  const ours = ["--filter", `label=laterbase.stack=${stack.name}`, "--quiet"];
  expect(await ok("docker", ["ps", "--all", ...ours])).toBe("");
  expect(await ok("docker", ["network", "ls", ...ours])).toBe("");
  const networks = await engine.docker("network", "ls", "--format", "{{.Name}}");
  expect(networks.trim().split("\n").sort()).toEqual(["bridge", "host", "none"]);
  const volumes = await engine.docker("volume", "ls", "--format", "{{.Name}}");
  expect(volumes.trim().split("\n")).toEqual([`${second}-data`]);
});

if (inTrials()) {
  it("goes on without the second one when its machine is gone for good", async () => {
    await stack.up();
    const answering = await stack.laterbase("forget", "second", "--engine-gone", "--yes");
    expect([answering.code, answering.stderr]).toEqual([
      4,
      expect.stringContaining(`The engine ${engine.host} answers`),
    ]);
    await engine.end();
    const { code, stdout } = await stack.laterbase("forget", "second", "--engine-gone", "--yes");
    expect([code, stdout]).toEqual([0, expect.stringContaining("removes its slot")]);
    await stack.up();
    await server.sql("update pgbench_accounts set abalance = 2 where aid <= 1000");
    const lsn = await server.sql("select pg_current_wal_flush_lsn()");
    await until("the first one has replayed it", () => replayed(both["first"]!, lsn), 300);
    expect(await checksums(both["first"]!)).toEqual(await checksums(primary));
    expect(await server.sql("select slot_name, active from pg_replication_slots")).toBe(
      "laterbase_first_slot|t",
    );
    await stack.preview("--expect-no-changes");
    await stack.destroy("--exclude-protected");
    expect(await server.snapshot()).toEqual(before);
  });
}
