import { connect } from "../../scripts/engine/connect";
import { LocalPrimary } from "../../scripts/primary/localPrimary";
import { superuserRecord } from "../../contract/names";
import { observePrimary } from "../../scripts/primary/observe/observe";
import { type Ran, run } from "../support/process";
import { type Box, caughtUp, Lab, sleep } from "../support/imageLab";

// The superuser's password of a running primary, as `up` sets it. What a pooler's clients see of it
// is proved beside the pooler.
jest.setTimeout(600_000);

const lab = new Lab(17);
const conf = "log_statement = 'all'\nlog_min_duration_statement = 0";
const odd = `it's "a" \\ $(id) pässword`;
let primary: Box;

beforeAll(async () => {
  await lab.open();
  primary = await lab.primary({ conf });
  await primary.until("running");
}, 600_000);
afterAll(() => lab.dispose(), 600_000);

function login(password: string, container = primary.name): Promise<Ran> {
  return run(process.execPath, ["--import", "tsx", "scripts/steps/primaryLogin.ts", container], {
    input: JSON.stringify({ password }),
    env: { LATERBASE_ENGINE: "" },
  });
}

const stored = () => primary.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'");

async function logsIn(password: string): Promise<boolean> {
  const conninfo = "host=127.0.0.1 user=postgres dbname=postgres";
  const { code } = await primary.exec(
    "env",
    `PGPASSWORD=${password}`,
    "psql",
    "-XAtc",
    "SELECT 1",
    conninfo,
  );
  return code === 0;
}

/** What a preview observes. */
async function observedLogin(): Promise<boolean | null | undefined> {
  const settings = {
    ...{ stack: "laterbase/test", role: "laterbase_test", host: "/run/pg/primary", port: 5432 },
    ...{ superuser: "postgres", superuserPassword: "", database: "postgres", version: 17 },
    transport: { kind: "sql" } as const,
  };
  const place = { kind: "container", container: primary.name } as const;
  return (await observePrimary(place, settings, [], { login: superuserRecord }))?.login;
}

it("leaves the generated password unchanged, and records it", async () => {
  const before = await stored();
  expect(await observedLogin()).toBeNull();
  expect(await login(lab.secrets.superuser)).toMatchObject({
    code: 0,
    stdout: "The superuser's password is unchanged.\n",
  });
  expect(await stored()).toBe(before);
  expect(await observedLogin()).toBe(true);
});

it("sets another one with any characters, and no log or process list shows it", async () => {
  const processes = run("bash", [
    "-c",
    "for i in {1..40}; do cat /proc/[0-9]*/{cmdline,environ} 2>/dev/null; sleep 0.05; done | tr '\\0' '\\n'",
  ]);
  expect(await login(odd)).toMatchObject({ code: 0, stdout: "The superuser's password is set.\n" });
  expect((await processes).stdout).not.toContain(odd);
  expect([await logsIn(odd), await logsIn(lab.secrets.superuser)]).toEqual([true, false]);
  const log = await primary.log();
  expect(log).toContain("SELECT to_json(rolpassword)"); // statements are logged, so the next line means something
  expect(log).not.toMatch(/SCRAM-SHA-256\$|pässword/);
  const before = await stored();
  expect(await login(odd)).toMatchObject({
    stdout: "The superuser's password is unchanged.\n",
    stderr: "",
  });
  expect(await stored()).toBe(before);
  expect(await primary.bash(`stat -c '%a %u' ${superuserRecord}`)).toBe("600 999");
});

it("waits for a server that is just being restarted, which keeps the password", async () => {
  const restarted = primary.container.restart({ t: 30 });
  expect(await login(odd)).toMatchObject({
    stdout: "The superuser's password is unchanged.\n",
    stderr: "",
  });
  await restarted;
  await primary.until("running");
  expect(await logsIn(odd)).toBe(true);
});

it("is noticed by a preview when another one is set by hand, and is set again", async () => {
  expect(await observedLogin()).toBe(true);
  await primary.sql("ALTER ROLE postgres PASSWORD 'by hand'");
  expect(await observedLogin()).toBe(false);
  expect((await login(odd)).stdout).toBe("The superuser's password is set.\n");
  expect([await observedLogin(), await logsIn(odd)]).toEqual([true, true]);
});

it("waits for the standby to replay it, but not for long", async () => {
  await lab.prepare(primary);
  const standby = await lab.standby();
  await standby.until("running");
  await caughtUp(primary, standby);
  const server = new LocalPrimary(connect(), primary.name);
  const replay = (what: string) => standby.sql(`SELECT pg_wal_replay_${what}()`);
  const waited = async () => {
    const begun = Date.now();
    await primary.sql("CREATE TABLE IF NOT EXISTS t (); DROP TABLE t");
    await server.replayed();
    return (Date.now() - begun) / 1000;
  };
  expect(await waited()).toBeLessThan(4.9);
  await replay("pause");
  const resumed = sleep(1500).then(() => replay("resume"));
  const late = await waited();
  await resumed;
  expect(late).toBeGreaterThan(1.4);
  // Without the standby the wait ends after five seconds.
  expect(late).toBeLessThan(4.9);
});

it("says in one sentence what is missing", async () => {
  expect((await login("x", "lbt-nowhere")).stderr).toBe(
    "The superuser's password cannot be set: there is no container lbt-nowhere: bringing the stack up makes it.\n",
  );
});
