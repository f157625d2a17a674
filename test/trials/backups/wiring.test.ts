import { createHash } from "node:crypto";
import { ok, until } from "../../support/process";
import { checksums, sql, Stack } from "../../support/stack";

// How backups are wired into a stack of the real program: on and off, another key, an edit by hand, another server,
// a destroy. What this does not prove: the backups themselves (the agent's trials do), and a restore.
jest.setTimeout(900_000);

const stack = new Stack("t-wiring");
const store = { objectStore: { port: 18171, bucket: "wiring" } };
const base = {
  primary: { kind: "managed", version: 17, port: 18170, databases: ["app"] },
};
const backups = {
  stanza: "main",
  encryption: {},
  compression: { type: "zst" },
  archiveTimeout: "30s",
  repositories: [{ type: "posix" }, { type: "objectStore" }],
};
const off = { ...backups, repositories: [{ type: "none" }] };
let uri = "";

const primary = stack.container("primary");
const agent = stack.container("agent");

async function apply(config: Record<string, unknown>): Promise<void> {
  await stack.configure(config);
  await stack.up();
  uri = (await stack.outputsOfSuperuser()).connections.app.direct;
}

/** What a restart of the server or of its container changes. */
async function started(): Promise<string[]> {
  const [row] = await sql(uri, "select pg_postmaster_start_time()::text as at");
  return [row.at, await ok("docker", ["inspect", "-f", "{{.Id}} {{.State.StartedAt}}", primary])];
}

const all = "cd /etc/pgbackrest && find . -type f | sort | xargs sha256sum";
const digests = () => ok("docker", ["exec", primary, "bash", "-c", all]);

const show = async (setting: string) => (await sql(uri, `show ${setting}`))[0][setting] as string;

/** Ends a segment and waits until a repository has it. */
async function archived(repository: number, stanza = "main"): Promise<void> {
  await sql(uri, "select pg_logical_emit_message(true, 'wiring', 'x')");
  const [row] = await sql(uri, "select pg_walfile_name(pg_switch_wal()) as segment");
  const folder = `archive/${stanza}/17-1/${row.segment.slice(0, 16)}`;
  const words = ["pgbackrest", `--repo=${repository}`, "repo-ls", folder];
  await until(`${row.segment} is in repository ${repository}`, async () =>
    (await ok("docker", ["exec", agent, ...words])).includes(row.segment),
  );
}

beforeAll(async () => {
  await apply({ ...base, ...store });
  await sql(uri, "create table kept as select g, md5(g::text) from generate_series(1, 20000) g");
}, 900_000);

afterAll(() => stack.remove(), 300_000);

it("has archive_mode on and archives nothing without backups", async () => {
  expect([await show("archive_mode"), await show("archive_command")]).toEqual(["on", "/bin/true"]);
  await stack.preview("--expect-no-changes");
});

it("switches backups on and off, and on again, without a restart", async () => {
  const before = await started();
  await apply({ ...base, ...store, backups });
  expect(await show("archive_command")).toBe("pgbackrest --stanza=main archive-push %p");
  expect(await show("archive_timeout")).toBe("30s");
  await archived(1);
  await archived(2);
  await stack.preview("--expect-no-changes");
  await apply({ ...base, ...store, backups: off });
  expect(await show("archive_command")).toBe("/bin/true");
  const roles = "select rolname from pg_roles where rolname like '%\\_backups'";
  expect(await sql(uri, roles)).toEqual([]);
  await sql(uri, "insert into kept select g, 'while it was off' from generate_series(1, 9) g");
  await apply({ ...base, ...store, backups });
  await archived(1);
  await archived(2);
  expect(await started()).toEqual(before);
});

it("applies another archive timeout by a reload", async () => {
  const before = await started();
  await apply({ ...base, ...store, backups: { ...backups, archiveTimeout: "45s" } });
  expect(await show("archive_timeout")).toBe("45s");
  expect(await started()).toEqual(before);
});

it("goes on with another key of the object store, and the primary goes on running", async () => {
  const before = await started();
  const state = JSON.parse(await stack.state());
  const { urn } = state.deployment.resources.find((one: any) =>
    one.urn.endsWith("::object-store-secret-key"),
  );
  const digest = async () =>
    createHash("sha256")
      .update(await stack.configurationOf("conf.d/repo.conf"))
      .digest("hex");
  const old = await digest();
  await stack.must(["state", "unprotect", urn, "--yes"]);
  await stack.up("--replace", urn);
  expect(await digest()).not.toBe(old);
  await archived(2);
  expect(await started()).toEqual(before);
});

it("shows what somebody edited, added and removed by hand, and repairs it", async () => {
  const before = await started();
  const edits: [string, string][] = [
    [
      "sed -i s/process-max=4/process-max=1/ pgbackrest.conf",
      "pgbackrest.conf of pgBackRest was edited",
    ],
    ["rm conf.d/repo.conf", "conf.d/repo.conf of pgBackRest is gone, or cannot be read"],
    ["echo >conf.d/mine.conf", "conf.d/mine.conf was added to the configuration of pgBackRest"],
    ["rm -rf ./*", "the configuration of pgBackRest is gone"],
  ];
  const whole = await digests();
  for (const [script, sentence] of edits) {
    await stack.editConfiguration(script);
    expect(await stack.preview("--diff")).toContain(sentence);
    await stack.up();
    expect(await digests()).toBe(whole);
    await stack.preview("--expect-no-changes");
  }
  await sql(uri, "alter system set archive_command = '/bin/false'");
  await sql(uri, "select pg_reload_conf()");
  expect(await stack.preview("--diff")).toContain("archive_command comes from");
  await stack.up();
  expect(await show("archive_command")).toContain("archive-push");
  await archived(1);
  expect(await started()).toEqual(before);
});

it("refuses another passphrase where backups are, and archives by the configuration that was there", async () => {
  const whole = await digests();
  const encryption = { passphrase: "another" };
  await stack.configure({ ...base, ...store, backups: { ...backups, encryption } });
  const refused = await stack.pulumi(["up", "--yes", "--skip-preview"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain('The stanza "main" cannot be used');
  expect(refused.stdout + refused.stderr).not.toContain("another");
  expect(await digests()).toBe(whole);
  await archived(1);
  await archived(2);
  await apply({ ...base, ...store, backups });
});

it("applies a change while one of two repositories is away", async () => {
  await ok("docker", ["stop", stack.container("object-store")]);
  await apply({ ...base, ...store, backups: { ...backups, archiveTimeout: "40s" } });
  expect(await show("archive_timeout")).toBe("40s");
  await archived(1);
  await ok("docker", ["start", stack.container("object-store")]);
  await archived(2);
  await apply({ ...base, ...store, backups });
});

it("keeps WAL for the archive while its configuration is not there", async () => {
  await stack.editConfiguration("rm -rf ./*");
  await ok("docker", ["restart", primary]);
  await until("the primary answers", () =>
    sql(uri, "select 1").then(
      () => true,
      () => false,
    ),
  );
  const [row] = await sql(uri, "select pg_walfile_name(pg_switch_wal()) as segment");
  expect(await show("archive_command")).toContain("test ! -e");
  await stack.up();
  const words = [
    "pgbackrest",
    "--repo=1",
    "repo-ls",
    `archive/main/17-1/${row.segment.slice(0, 16)}`,
  ];
  await until(`${row.segment} is in the repository`, async () =>
    (await ok("docker", ["exec", agent, ...words])).includes(row.segment),
  );
});

it("goes on with the stanza and the passphrase after a destroy", async () => {
  const rows = await checksums(uri);
  const { backups: outputs } = await stack.outputs();
  const info = await stack.stanza("main");
  await stack.destroy("--exclude-protected");
  await stack.up();
  uri = (await stack.outputsOfSuperuser()).connections.app.direct;
  expect((await stack.outputs()).backups).toEqual(outputs);
  const after = await stack.stanza("main");
  expect(after.db).toEqual(info.db);
  expect(after.repo.map(({ key, cipher }: any) => [key, cipher])).toEqual([
    [1, "aes-256-cbc"],
    [2, "aes-256-cbc"],
  ]);
  expect(await checksums(uri)).toEqual(rows);
  await archived(1);
  await archived(2);
});

it("refuses a repository with another server's stanza, and changes nothing there", async () => {
  await stack.destroy("--exclude-protected");
  await ok("docker", ["volume", "rm", stack.container("primary-data")]);
  const folder = "/var/lib/pgbackrest/repo1";
  const place = ["--rm", "--volume", `${stack.container("repositories")}:/var/lib/pgbackrest:ro`];
  const image = (
    await ok("docker", [
      "image",
      "ls",
      "--format",
      "{{.Repository}}:{{.Tag}}",
      "laterbase/postgres",
    ])
  )
    .split("\n")
    .find((one) => one.includes(":17-"))!;
  const digest = () =>
    ok("docker", [
      ...["run", ...place, "--entrypoint", "bash", image, "-c"],
      `cd ${folder} && find . -type f | sort | xargs sha256sum | sha256sum`,
    ]);
  const before = await digest();
  const refused = await stack.pulumi(["up", "--yes", "--skip-preview"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toMatch(
    /Repository 1 \(volume laterbase-t-wiring-repositories\) has the stanza "main" of another server: its system identifier is \d{19}, that of this primary is \d{19}\. Nothing was archived there\. Set laterbase:backups\.stanza to another name/,
  );
  expect(await digest()).toBe(before);
  await apply({ ...base, ...store, backups: { ...backups, stanza: "second" } });
  await archived(1, "second");
});
