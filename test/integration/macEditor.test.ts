import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cases } from "../support/cases";
import { ok, run, until } from "../support/process";
import { replayed, sql, Stack } from "../support/stack";
import { Mac } from "../support/macLab";
import { editorConfig, found, library, makeLibrary } from "../support/macLibrary";

jest.setTimeout(900_000);

const amchecks = "select count(*) from pg_extension where extname = 'amcheck'";
const sum =
  "select count(*) || ' ' || md5(string_agg(c::text, '' order by id)) as sum from clips c";

// The stack file of examples/editor comes up against an emulated Mac and leaves it as it was. Only the
// address, the ports and the folder of the dumps differ. This does not prove anything about a real macOS
// or about Resolve itself.
const bySql = { way: "sql", subnet: "10.213.23", port: 18230, shared: true };
const bySsh = { way: "ssh", subnet: "10.213.24", port: 18235, shared: false };
const ways = cases([bySsh], [bySql]);

describe.each(ways)("examples/editor on a Mac, by $way", ({ way, subnet, port, shared }) => {
  const stack = new Stack(`t-mac-${way}`);
  const mac = new Mac({ subnet, shared });
  const dumps = mkdtempSync(join(tmpdir(), "laterbase-mac-"));
  let before: Record<string, string>;
  let started: string;
  let outputs: any;

  const inStandby = (script: string) =>
    ok("docker", ["exec", stack.container("standby"), "bash", "-euc", script]);

  const health = async () =>
    JSON.parse(await ok("docker", ["exec", stack.container("standby"), "laterbase-health"])) as {
      state: string;
      detail: string;
    };

  /** Makes the standby's server sort as another primary would need it. */
  async function sortAs(probe: string): Promise<void> {
    const standby = stack.container("standby");
    const write = "chmod u+w /etc/laterbase/collation.json; cat >/etc/laterbase/collation.json";
    await ok("docker", ["exec", "-i", standby, "bash", "-c", write], { input: probe });
    await ok("docker", ["restart", standby]);
    await until("the standby streams", async () => (await health()).state === "running");
  }

  function config(): Record<string, unknown> {
    const example = editorConfig();
    const { user, port: sshPort, hostKey } = { user: "editor", port: mac.sshPort, ...mac };
    return {
      ...example,
      primary: {
        ...example["primary"],
        host: mac.host,
        allowFrom: [`${subnet}.0/24`],
        ...(way === "ssh" ? { access: { kind: "ssh", user, port: sshPort, hostKey } } : {}),
      },
      standbys: [{ name: "standby", port }],
      dumps: { ...example["dumps"], path: dumps },
      duplicati: { ...example["duplicati"], port: port + 1 },
      pgAdmin: { ...example["pgAdmin"], port: port + 2 },
      health: { port: port + 3 },
    };
  }

  beforeAll(async () => {
    await mac.start();
    await makeLibrary(mac);
    started = await mac.sql("select pg_postmaster_start_time()");
    before = await mac.snapshot();
    await stack.configure(config(), {
      "primary.superuser.password": mac.password,
      ...(way === "ssh" ? { "primary.access.privateKey": mac.privateKey } : {}),
    });
    await stack.up();
    outputs = await stack.outputsOfSuperuser({ name: "postgres", password: mac.password });
  });

  afterAll(async () => {
    await stack.remove().finally(() => mac.stop());
    rmSync(dumps, { recursive: true, force: true });
  });

  it("has every row on the standby, and nothing to do in a second up", async () => {
    const { standby } = outputs.connections[library];
    const lsn = await mac.sql("select pg_current_wal_flush_lsn()");
    await until(`the standby has replayed ${lsn}`, () => replayed(standby, lsn));
    expect((await sql(standby, sum))[0].sum).toBe(await mac.sql(sum, library));
    await stack.preview("--expect-no-changes");
  });

  it("attached a Mac, which sorts by code point and records no version of a collation", async () => {
    const words =
      "array['python-dev', 'python3-dev', 'A B', 'AB', 'a b', 'foo', 'Bar', 'Étude', '_x', '日', 'Ａ', '😀']";
    const ordered = (collation: string) =>
      `select string_agg(x, '|' order by x ${collation}) from unnest(${words}) x`;
    expect(await mac.sql(ordered(""), library)).toBe(
      await mac.sql(ordered('collate "C"'), library),
    );
    expect(await mac.sql("select count(collversion) from pg_collation", library)).toBe("0");
    expect(
      await mac.sql("select datcollate from pg_database where datname = 'ResolveProjects'"),
    ).toBe("en_US.UTF-8");
  });

  it("finds the same clips by name on both sides", async () => {
    expect(await mac.sql("select found()", library)).toBe("200");
    expect(await found(outputs.connections[library].standby)).toBe(200);
  });

  it("has checked each text index, and left no amcheck behind", async () => {
    expect(await health()).toMatchObject({ sorts: "code-point", order: "verified" });
    expect(await mac.sql(amchecks, library)).toBe("0");
    const dumped = 'for dump in /backups/*/*/*.backup; do pg_restore -l "$dump" || exit; done';
    const list = ["exec", stack.container("agent"), "bash", "-c", dumped];
    await until("a dump", async () => (await run("docker", list)).code === 0);
    expect(await ok("docker", list)).not.toContain("amcheck");
  });

  it("is only a source of dumps after the next up finds that it sorts as Linux does", async () => {
    const probe = await inStandby("cat /etc/laterbase/collation.json");
    await sortAs('{"words":[],"orders":[]}');
    expect(await health()).toMatchObject({ sorts: "debian", order: "unverified" });
    expect(await stack.preview("--diff")).toContain(
      "the text indexes of standby were not checked since it was cloned",
    );
    expect(await stack.up()).toMatch(/differs: .*public\.clips_name_key \(ResolveProjects\)/);
    const caught = await health();
    expect(caught).toMatchObject({ sorts: "debian", order: "differs" });
    await until("its health says so", async () =>
      /a source of dumps only: .*public\.clips_name_key/.test((await health()).detail),
    );
    expect(await inStandby("laterbase-collation verdict")).toMatch(/^checked .*: differs: /);
    expect(await mac.sql(amchecks, library)).toBe("0");

    await sortAs(probe);
    expect(await stack.up()).toContain("verified: ");
    expect(await health()).toMatchObject({ sorts: "code-point", order: "verified" });
    expect((await health()).detail).not.toContain("dumps only");
    await stack.preview("--expect-no-changes");
  });

  // The predecessor a) never made the slot, b) had pg_hba.conf edited by hand and the application restarted
  // for a reload, c) did not limit what the slot holds, and d) did not use the slot for its copy.
  it("has prepared the Mac without help and without a restart", async () => {
    expect(await mac.sql("select slot_name, active from pg_replication_slots")).toBe(
      "laterbase_standby_slot|t",
    );
    expect(await mac.readHba()).toMatch(
      new RegExp(`^# BEGIN laterbase .*\\nhost    replication    laterbase_t_mac_${way} `),
    );
    expect(await mac.sql("show max_slot_wal_keep_size")).toBe("10GB");
    expect(await mac.sql("select pg_postmaster_start_time()")).toBe(started);
    const streams = (await mac.log())
      .split("\n")
      .filter((line) => /: +START_REPLICATION/.test(line));
    expect(streams.length).toBeGreaterThanOrEqual(2);
    expect(streams.filter((line) => !line.includes('SLOT "laterbase_standby_slot"'))).toEqual([]);
  });

  it("has copied the Mac's settings and reads none of them", async () => {
    const copied = await inStandby("cat /var/lib/postgresql/standby/data/postgresql.conf");
    expect(copied).toContain("wal_sync_method = fsync_writethrough");
    expect(copied).toContain(".dylib");
    const { standby } = outputs.connections[library];
    const [row] = await sql(standby, "show wal_sync_method");
    expect(row.wal_sync_method).toBe("fdatasync");
  });

  it("has dumps that Resolve restores, and plain ones, in the folder of the file", async () => {
    const files = () => readdirSync(join(dumps, library), { recursive: true, encoding: "utf8" });
    await until("a dump", () =>
      Promise.resolve(files().some((name) => name.endsWith(`${library}.sql.gz`))),
    );
    expect(files().filter((name) => name.endsWith(`/${library}.backup`)).length).toBe(1);
  });

  // In the predecessor a person had to click the job together.
  it("has a job in Duplicati, and both servers in pgAdmin, without a click", async () => {
    const { url, password } = outputs.duplicati;
    const login = await fetch(`${url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ Password: password, RememberMe: false }),
    });
    const { AccessToken: token } = (await login.json()) as { AccessToken: string };
    const headers = { authorization: `Bearer ${token}` };
    const jobs = (await (await fetch(`${url}/api/v1/backups`, { headers })).json()) as any[];
    expect(jobs.map(({ Backup }) => Backup.Name)).toEqual([`laterbase ${stack.name}`]);
    expect(outputs.pgAdmin.servers.map(({ name }: { name: string }) => name)).toEqual([
      "primary",
      "standby",
    ]);
    expect((await fetch(outputs.pgAdmin.url)).status).toBe(200);
  });

  it("has written no password to the Mac's log, the standby's settings or the state", async () => {
    expect(await mac.log()).not.toContain((await stack.generatedPasswords())[0]);
    expect(await inStandby("cat /run/laterbase/postgresql.conf")).not.toContain(mac.password);
    expect(await stack.state()).not.toContain(mac.password);
  });

  // The steps of docs/davinci-resolve.md for a dead Mac. pg_restore stands for Resolve's Restore button,
  // which runs the same program.
  it("dumps the last committed row of a dead Mac into a file that a Mac restores", async () => {
    await mac.sql("insert into clips (name, note) values ('The last one', '')", library);
    const there = await mac.sql(sum, library);
    await mac.down();
    const dumped = await stack.laterbase("--json", "dump", library);
    await mac.up();
    expect(dumped).toMatchObject({ code: 0 });
    const { databases } = JSON.parse(dumped.stdout);
    expect(databases).toMatchObject([{ database: library, source: "standby" }]);
    const file = readFileSync(join(dumps, databases[0].folder, `${library}.backup`));
    await mac.sql('create database "Restored today"');
    await mac.bash(
      `base64 -d | PGPASSFILE=/tmp/pass pg_restore -w -h /tmp -U postgres -d 'Restored today' --exit-on-error`,
      { input: file.toString("base64") },
    );
    expect(await mac.sql(sum, "Restored today")).toBe(there);
    await mac.sql('drop database "Restored today"');
    await mac.sql("delete from clips where name = 'The last one'", library);
  });

  it("leaves the Mac as it was, to the byte", async () => {
    await stack.destroy("--exclude-protected");
    expect(await mac.snapshot()).toEqual(before);
  });
});
