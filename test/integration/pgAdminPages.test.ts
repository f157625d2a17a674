import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { inTrials } from "../support/cases";
import { named } from "../support/mocks";
import type { PgAdminPage } from "../support/pgAdminPage";
import { until } from "../support/process";
import { PgAdminLab } from "../support/pgAdminLab";

// pgAdmin in a real browser. Where no image can be pulled, it is the same pgAdmin in an image of ours.
// That image does not prove the paths of the official one, which were read in its Dockerfile.
// The trials have what takes many restarts: repairs, a rotated password, the login after each change, a start
// that fails.
const lab = new PgAdminLab();
const screenshots = join(__dirname, "../../.laterbase/screenshots");

jest.setTimeout(600_000);

beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  await lab.open();
  await lab.start();
}, 900_000);

afterAll(() => lab.dispose(), 600_000);

/** Logs in, acts and leaves. */
async function asPerson<T>(act: (pgAdmin: PgAdminPage) => Promise<T>): Promise<T> {
  const pgAdmin = await lab.visit();
  try {
    return await act(pgAdmin);
  } catch (error) {
    await pgAdmin.page.screenshot({ path: join(screenshots, "failed.png") }).catch(() => undefined);
    throw error;
  } finally {
    await pgAdmin.close();
  }
}

const ours = () => lab.servers.map(({ name }) => name);
const isStandby = "select pg_is_in_recovery()";

it("opens the standby without a typed password and asks it whether it is one", async () => {
  await asPerson(async (pgAdmin) => {
    expect(await pgAdmin.query("Standby (read-only)", isStandby)).toEqual(["true"]);
    await pgAdmin.page.screenshot({ path: join(screenshots, "standby.png") });
  });
  await asPerson(async (pgAdmin) => {
    expect(await pgAdmin.query("Primary", isStandby)).toEqual(["false"]);
  });
});

it("opens them as the role that only looks, which reads what it names with its schema", async () => {
  await lab.primary.sql("CREATE TABLE public.seen AS SELECT 7 AS n");
  const { name, password } = await lab.makeRole();
  const before = { servers: lab.servers, password: lab.postgres.secrets.superuser };
  const servers = lab.servers.map((server) => ({ ...server, username: name }));
  await lab.start({ servers, password });
  await asPerson(async (pgAdmin) => {
    const sql = "select current_user, n, current_setting('transaction_read_only') from public.seen";
    expect(await pgAdmin.query("Primary", sql)).toEqual([name, "7", "on"]);
    await pgAdmin.page.screenshot({ path: join(screenshots, "role.png") });
  });
  await lab.start(before);
});

it("shows the servers of its file, which are those of the output, and no others", async () => {
  const uploads = named(await lab.declared(), "pgadmin-container").inputs["uploads"];
  const file = uploads.find((one: any) => one.file === "/etc/laterbase/pgadmin.json");
  expect(JSON.parse(file.content).servers).toEqual(lab.servers);
  expect(JSON.parse(await lab.bash("cat /etc/laterbase/pgadmin.json")).servers).toEqual(
    lab.servers,
  );
  expect(await asPerson((pgAdmin) => pgAdmin.servers())).toEqual({
    Servers: [],
    Laterbase: ours(),
  });
});

it("has a cookie of its own, because two stacks on one machine share their cookies", async () => {
  const names = await asPerson(async ({ page }) =>
    (await page.context().cookies()).map(({ name }) => name),
  );
  expect(names).toContain(`pgadmin-${lab.prefix}`);
  expect(names).not.toContain("pga4_session");
});

describe("what people have added", () => {
  const added = { name: "Another", host: "elsewhere.example.com", port: 5433, username: "me" };
  const ids = () => lab.sqlite("select id, name from server order by id");
  let before: unknown[][];

  beforeAll(async () => {
    await asPerson(async (pgAdmin) => {
      await pgAdmin.register("Laterbase", added);
      expect(await pgAdmin.servers()).toEqual({ Servers: [], Laterbase: [added.name, ...ours()] });
    });
    before = await ids();
  });

  it("survives a restart and a replacement, and the ids of all servers with it", async () => {
    await lab.restart();
    expect(await ids()).toEqual(before);
    await lab.start();
    expect(await ids()).toEqual(before);
  });

  if (inTrials()) {
    it("survives a replacement that removes a server of ours and brings it back", async () => {
      await lab.start({ servers: lab.servers.slice(0, 1) });
      expect((await asPerson((pgAdmin) => pgAdmin.servers()))["Laterbase"]).toEqual([
        added.name,
        "Primary",
      ]);
      await lab.start({ servers: lab.servers });
      expect((await ids()).map(([, name]) => name).sort()).toEqual([added.name, ...ours()].sort());
    });

    it("is not touched when a server of ours is repaired", async () => {
      await lab.sqlite("update server set host = 'nowhere', name = 'Mine' where name = 'Primary'");
      await lab.sqlite("update server set comment = 'a note' where name = 'Another'");
      await lab.restart();
      const rows =
        "select name, host, port, username, comment = 'a note' from server order by name";
      expect(await lab.sqlite(rows)).toEqual([
        ["Another", "elsewhere.example.com", 5433, "me", 1],
        ["Primary", "primary", 5432, "postgres", 0],
        ["Standby (read-only)", "standby", 5432, "postgres", 0],
      ]);
    });
  }
});

if (inTrials()) {
  it("connects with a rotated password after its container was replaced", async () => {
    const password = 'new: "\\ $x é';
    await lab.primary.sql(
      `SET log_statement = none; ALTER ROLE postgres PASSWORD '${password.replace(/'/g, "''")}'`,
    );
    await lab.start({ password });
    await asPerson(async (pgAdmin) => {
      expect(await pgAdmin.query("Primary", isStandby)).toEqual(["false"]);
    });
  });

  describe("its login", () => {
    const user = () => lab.sqlite("select id, email, username, locked from user order by id");

    it("has the stack's password again after somebody changed it, and says so", async () => {
      await asPerson((pgAdmin) => pgAdmin.changePassword(lab.password, "another password"));
      await (await lab.visit("another password")).close();
      await expect(lab.visit()).rejects.toThrow("pgAdmin refused the login");
      await lab.restart();
      await asPerson((pgAdmin) => pgAdmin.servers());
      expect(await lab.log()).toContain("laterbase: me@example.com has the stack's password again");
    });

    it("is not locked by wrong passwords, because nobody guesses the right one", async () => {
      for (let i = 0; i < 4; i++) {
        await expect(lab.visit("wrong")).rejects.toThrow("pgAdmin refused the login");
      }
      expect(await user()).toEqual([[1, "me@example.com", "me@example.com", 0]]);
      await (await lab.visit()).close();
    });

    it("is locked under a password of its owner, until a restart, which changes nothing else", async () => {
      await asPerson((pgAdmin) => pgAdmin.changePassword(lab.password, "another password"));
      for (let i = 0; i < 3; i++) await lab.visit("wrong").catch(() => undefined);
      await expect(lab.visit("another password")).rejects.toThrow("locked");
      expect(await user()).toEqual([[1, "me@example.com", "me@example.com", 1]]);
      await lab.restart();
      expect(await user()).toEqual([[1, "me@example.com", "me@example.com", 0]]);
    });

    it("follows another e-mail address with everything that it has", async () => {
      const saved = "storage/me_example.com/query.sql";
      await lab.bash(`echo 'select 1' > /var/lib/pgadmin/${saved}`);
      await lab.start({ email: "1st/you@example.com" });
      expect(await user()).toEqual([[1, "1st/you@example.com", "1st/you@example.com", 0]]);
      const folder = "storage/pga_user_1stslashyou_example.com";
      expect(await lab.bash(`cd /var/lib/pgadmin && ls storage && ls -A ${folder} | sort`)).toBe(
        "pga_user_1stslashyou_example.com\n.pgpass\nquery.sql\n",
      );
      await asPerson(async (pgAdmin) => {
        await pgAdmin.expand("Laterbase", "Standby (read-only)");
        await pgAdmin.expand("Standby (read-only)", "Databases");
      });
    });

    it("is made again beside the logins of others", async () => {
      await lab.bash("rm /var/lib/pgadmin/laterbase-login");
      await lab.start({ email: "me@example.com" });
      expect(await user()).toEqual([
        [1, "1st/you@example.com", "1st/you@example.com", 0],
        [2, "me@example.com", "me@example.com", 0],
      ]);
      const shown = await asPerson((pgAdmin) => pgAdmin.servers());
      expect(shown).toEqual({ Servers: [], Laterbase: ours() });
    });
  });
}

describe("its host names", () => {
  const wrong = "email=me%40example.com&password=wrong&internal_button=Login";

  it("are those of the stack, with any port", async () => {
    const answers = ["127.0.0.1", "localhost:5050", "[::1]:5050", "pages.EXAMPLE.com"];
    for (const host of answers) expect([host, (await lab.under(host))[0]]).toEqual([host, 200]);
  });

  it.each([
    ["rebound.example.com"],
    ["127.0.0.1.example.com"],
    ["localhost.example.com:5050"],
    ["192.168.1.5"],
    ["999.1.1.1"],
    ["[::2]"],
    ["["],
  ])("refuse %j, in words that say which key to set", async (host) => {
    const [status, text] = await lab.under(host);
    expect([status, text]).toEqual([403, expect.stringContaining("laterbase:pgAdmin.hostNames")]);
    expect((await lab.under(host, "/authenticate/login", wrong))[0]).toBe(403);
  });

  if (inTrials()) {
    it("are every address where the page listens on all of them, and no other name", async () => {
      await lab.start({ bindAddress: "0.0.0.0" });
      expect((await lab.under("192.168.1.5:5050"))[0]).toBe(200);
      expect((await lab.under("[fd00::5]"))[0]).toBe(200);
      expect((await lab.under("rebound.example.com"))[0]).toBe(403);
      await lab.start({ bindAddress: "127.0.0.1" });
    });
  }
});

it("keeps its secrets in files that only its user reads", async () => {
  const list = "stat -c '%a %u %n' /etc/laterbase/p* /var/lib/pgadmin/storage/*/.pgpass | sort -k3";
  expect(await lab.bash(list)).toBe(
    [
      "400 5050 /etc/laterbase/password",
      "444 5050 /etc/laterbase/pgadmin.json",
      "400 5050 /etc/laterbase/pgpass",
      "600 5050 /var/lib/pgadmin/storage/me_example.com/.pgpass",
      ...(inTrials()
        ? ["600 5050 /var/lib/pgadmin/storage/pga_user_1stslashyou_example.com/.pgpass"]
        : []),
      "",
    ].join("\n"),
  );
  const seen = [
    JSON.stringify(await lab.inspect()),
    await lab.log(),
    await lab.bash("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"),
  ].join("\n");
  for (const secret of [lab.password, lab.postgres.secrets.superuser, 'new: "'])
    expect(seen.includes(secret)).toBe(false);
});

it("is healthy, runs without capabilities, and stops in time", async () => {
  await until("it is healthy", async () => {
    const { State } = await lab.inspect();
    return State.Health?.Status === "healthy";
  });
  expect(await lab.bash("grep -E '^(CapBnd|NoNewPrivs)' /proc/self/status")).toBe(
    "CapBnd:\t0000000000000000\nNoNewPrivs:\t1\n",
  );
  expect(await lab.ready()).toBe(`${lab.name}: running\n`);
  const begun = Date.now();
  await lab.stop();
  expect(Date.now() - begun).toBeLessThan(9_000);
  expect((await lab.inspect()).State.ExitCode).toBe(0);
});

if (inTrials()) {
  it("says in a sentence why it cannot start, which `up` then shows", async () => {
    await lab.start();
    await lab.bash("cd /var/lib/pgadmin/storage/me_example.com && rm .pgpass && mkdir .pgpass");
    await expect(lab.start()).rejects.toThrow(
      /lbt-pgadmin-\w+-pgadmin: it ended with exit code \d: .*Is a directory: .*\.pgpass/,
    );
  });
}
