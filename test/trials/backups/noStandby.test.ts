import { ok, run } from "../../support/process";
import { checksums, sql } from "../../support/stack";
import { WholeStack } from "../../support/wholeStack";

// A managed primary without a standby, then with its first one, then without it again. Nothing of the primary or
// the pooler restarts, and no row is lost. This does not prove anything about backups: other files do.
const stack = new WholeStack("t-alone", "app");
const alone = {
  primary: { kind: "managed", version: 17, port: 18708, databases: ["app"] },
  pooler: { port: 18725 },
  dumps: { databases: ["app"], retentionDays: 1, retentionCount: 2 },
};
const standbys = [{ name: "standby", port: 18709 }];

jest.setTimeout(600_000);

afterAll(() => stack.remove(), 300_000);

/** What tells a container that went on from a new or restarted one. */
const lives = (...roles: string[]): Promise<string> =>
  ok("docker", [
    ...["inspect", "--format", "{{.Id}} {{.State.StartedAt}}"],
    ...roles.map((role) => stack.container(role)),
  ]);

const slots = async (): Promise<number> =>
  (await sql(stack.uris.direct, "select count(*)::int as n from pg_replication_slots"))[0].n;

/** What a client of the pooler finds behind an entry. */
const behind = async (entry: string): Promise<boolean> => {
  const uri = stack.uris.pooled.replace(/[^/]*$/, entry);
  return (await sql(uri, "select pg_is_in_recovery() as standby"))[0].standby;
};

let rows: Record<string, string>;
let lived: string;

it("works, and has nothing of a standby", async () => {
  await stack.configure(alone);
  await stack.apply();
  await sql(
    stack.uris.direct,
    `create table clips (id bigserial primary key, note text);
     insert into clips (note) select md5(n::text) from generate_series(1, 100000) n`,
  );
  rows = await checksums(stack.uris.direct);
  lived = await lives("primary", "pooler");
  const { standbys: known, connections } = await stack.outputsOfSuperuser();
  expect([known, Object.keys(connections.app)]).toEqual([{}, ["direct", "pooled"]]);
  expect([await slots(), await behind("app")]).toEqual([0, false]);
  await expect(behind("app_ro")).rejects.toThrow(/app_ro/);
  await stack.must(["preview", "--expect-no-changes"]);
});

it("dumps the primary, and says no word about a standby", async () => {
  await stack.command("dump");
  const runs = await stack.runs("dump");
  expect(runs.at(-1)).toMatchObject({
    result: "success",
    databases: [{ database: "app", source: "primary" }],
  });
  const manifests = await stack.inAgent("cat /backups/*/*/manifest.json");
  expect(manifests).not.toContain("insteadOf");
});

it("gets its first standby without a restart", async () => {
  await stack.configure({ ...alone, standbys });
  await stack.apply();
  await stack.same();
  expect(await checksums(stack.uris.standby)).toEqual(rows);
  expect(await lives("primary", "pooler")).toBe(lived);
  expect([await slots(), await behind("app"), await behind("app_ro")]).toEqual([1, false, true]);
  await stack.command("dump");
  expect((await stack.runs("dump")).at(-1)?.databases).toEqual([
    expect.objectContaining({ source: "standby" }),
  ]);
});

it("forgets its last standby without a restart, and keeps every row", async () => {
  await stack.command("forget", "standby", "--yes");
  await stack.apply();
  const { standbys: known, connections } = await stack.outputsOfSuperuser();
  expect([known, Object.keys(connections.app)]).toEqual([{}, ["direct", "pooled"]]);
  expect(await lives("primary", "pooler")).toBe(lived);
  expect(await checksums(stack.uris.direct)).toEqual(rows);
  expect([await slots(), await behind("app")]).toEqual([0, false]);
  await expect(behind("app_ro")).rejects.toThrow(/app_ro/);
  const there = await run("docker", ["inspect", stack.container("standby")]);
  expect(there.code).toBe(1);
  await stack.must(["preview", "--expect-no-changes"]);
  await stack.command("dump");
  expect((await stack.runs("dump")).at(-1)?.databases).toEqual([
    expect.objectContaining({ source: "primary" }),
  ]);
});
