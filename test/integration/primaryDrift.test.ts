import { drift } from "../../scripts/primary/observe/drift";
import { observePrimary } from "../../scripts/primary/observe/observe";
import { observedDrift } from "../../scripts/primary/observe/stackDrift";
import { runBySsh } from "../../scripts/primary/ssh";
import { exitCodes } from "../../scripts/primary/exitCodes";
import { messageCatalog } from "../support/messageCatalog";
import { Stranger, superuser, superuserPassword } from "../support/primaryServer";
import { SshServer } from "../support/primarySshServer";
import { slot, Steps } from "../support/primarySteps";

// What others change on the primary is noticed and repaired.
jest.setTimeout(600_000);

const server = new Stranger(17, {
  conf: ["unix_socket_directories = '/tmp,/var/run/postgresql'"],
});
const steps = new Steps(server);
const reset = (size: string) =>
  server.sql(`alter system ${size}; select pg_reload_conf(); select pg_sleep(0.3)`);

beforeAll(() => server.start(), 600_000);
afterAll(() => server.stop(), 600_000);

describe("drift", () => {
  const expected = { owner: "laterbase/test", role: "laterbase_test", slots: { standby: slot } };
  const look = async () => {
    const place = { kind: "container", container: server.name } as const;
    const observation = await observePrimary(place, steps.settings, [slot]);
    return observation && drift(expected, observation);
  };

  beforeAll(async () => void (await steps.applyAll()), 600_000);
  afterAll(async () => void (await steps.removeAll()), 600_000);

  it("is none after all steps, and an observation does not hang", async () => {
    expect(await look()).toEqual({});
    const begun = Date.now();
    await look();
    console.log(`one look at the primary: ${Date.now() - begun} ms`);
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  const changes: [string, () => Promise<unknown>, Record<string, string>][] = [
    [
      "another password",
      () => server.sql("alter role laterbase_test password 'known'"),
      { role: "role laterbase_test has another password" },
    ],
    [
      "no LOGIN, an end",
      () => server.sql("alter role laterbase_test nologin valid until '2020-01-01'"),
      { role: "role laterbase_test has other attributes" },
    ],
    [
      "a lowered slot WAL limit",
      () => reset("set max_slot_wal_keep_size = '100MB'"),
      { slotWalLimit: "max_slot_wal_keep_size is 100 MB instead of 10240 MB" },
    ],
    [
      "a dropped slot",
      () => server.sql(`select pg_drop_replication_slot('${slot}')`),
      { "slot-standby": `slot ${slot} is gone` },
    ],
    [
      "a removed block",
      async () => server.writeHba((await server.readHba()).replace(/# BEGIN[^]*# END.*\n/, "")),
      { hba: "pg_hba.conf does not let laterbase_test in from samenet, 192.168.7.0/24, fd00::/8" },
    ],
    [
      "a rule before our block",
      async () => {
        intruder = "host replication all all reject\n";
        await server.writeHba(intruder + (await server.readHba()));
      },
      { hba: "pg_hba.conf does not let laterbase_test in from samenet, 192.168.7.0/24, fd00::/8" },
    ],
    [
      "a changed block",
      async () => server.writeHba((await server.readHba()).replace("# END", "# mine\n# END")),
      { hba: "our block in pg_hba.conf was changed" },
    ],
    [
      "no comment",
      () => server.sql("comment on role laterbase_test is null"),
      {
        role: "role laterbase_test lost its ownership record",
        slotWalLimit: "the record of max_slot_wal_keep_size is lost",
        "slot-standby": `the record of slot ${slot} is lost`,
        hba: "the record of our block in pg_hba.conf is lost",
      },
    ],
    [
      "no role",
      () => server.sql("drop role laterbase_test"),
      {
        role: "role laterbase_test is gone",
        slotWalLimit: "the record of max_slot_wal_keep_size is lost",
        "slot-standby": `the record of slot ${slot} is lost`,
        hba: "the record of our block in pg_hba.conf is lost",
      },
    ],
  ];

  let intruder = "";
  it.each(changes)("of %s is noticed and repaired", async (_, change, sentences) => {
    const before = await server.snapshot();
    await change();
    expect(await look()).toEqual(sentences);
    for (const step of ["role", "slotWalLimit", "slot", "hba"] as const)
      await steps.must(step, "repair");
    expect(await look()).toEqual({});
    const after = await server.snapshot();
    after.roles = after.roles!.replace(" VALID UNTIL 'infinity'", "");
    before.roles = before.roles!.replace(" VALID UNTIL 'infinity'", "");
    // What others wrote above our block stays, now below it.
    expect(after.hba).toContain(`\n${intruder}`);
    await server.writeHba(after.hba!.replace(intruder, ""));
    after.hba = await server.readHba();
    intruder = "";
    expect({ ...after, files: "" }).toEqual({ ...before, files: "" });
  });

  it("is unknown, and does not hang, when the server is away", async () => {
    const begun = Date.now();
    const ssh = await new SshServer(server.name).start();
    const target = { host: "127.0.0.1", port: ssh.port, user: "a", privateKey: ssh.privateKey };
    const known = await observePrimary(
      { kind: "ssh", ...target, hostKey: ssh.hostKey },
      steps.settings,
      [slot],
    );
    expect(known?.slotWalLimit).toBe(10240);
    const postmaster = (signal: string) =>
      server.bash(`kill -${signal} $(head -n 1 "$D/postmaster.pid")`);
    await postmaster("STOP");
    const warnings: unknown[] = [];
    const away = await observePrimary(
      { kind: "ssh", ...target, hostKey: ssh.hostKey },
      steps.settings,
      [slot],
      undefined,
      (...warning) => warnings.push(warning),
    );
    const away2 = await look();
    await postmaster("CONT");
    await ssh.stop();
    expect([away, away2]).toEqual([undefined, undefined]);
    const notLooked = /^The primary at .*, so preview does not know what was changed there since/;
    expect(warnings).toEqual([[expect.stringMatching(notLooked), "away"]]);
    // Two looks of 5 s each, and a start of sshd, on a machine that does more.
    expect(Date.now() - begun).toBeLessThan(45_000);
    const nothing = { primary: { kind: "managed", version: 17 }, standbys: [] } as const;
    expect(
      await observedDrift({ ...nothing, standbys: [] }, { project: "lbt", stack: "none" }),
    ).toEqual({});
  });
});

it("is found for a stack by its configuration alone, with a new time at each look", async () => {
  const name = server.name.replace("lbt-primary-", "");
  const stack = new Steps(server, "lbt/primary#12345678");
  const own = { slot: `laterbase_${name}_slot` };
  await stack.must("role");
  await stack.must("slot", "apply", own);
  const warnings: string[] = [];
  const look = (password = superuserPassword) =>
    observedDrift(
      {
        primary: {
          kind: "external",
          host: server.name,
          port: 5432,
          version: 17,
          superuser: { name: superuser, password: { apply: (next) => next(password) } },
          access: { kind: "sql" },
        },
        standbys: [{ name }],
      },
      { project: "lbt", stack: "primary" },
      (sentence) => warnings.push(sentence),
    );
  expect(await look()).toEqual({});
  expect(warnings).toEqual([]);
  expect(await look("of yesterday")).toEqual({});
  expect(warnings).toEqual([
    `The primary at ${server.name}:5432 refuses the password of "${superuser}". If it was changed there, set laterbase:primary.superuser.password to the new one.`,
  ]);
  await server.sql(`select pg_drop_replication_slot('${own.slot}')`);
  const sentence = new RegExp(`^slot ${own.slot} is gone \\(seen 20[-0-9T:]+Z\\)$`);
  const first = await look();
  expect(first).toEqual({ [`slot-${name}`]: expect.stringMatching(sentence) });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(await look()).not.toEqual(first);
  await stack.must("role", "remove");
});

it("notices a refused login even when the server speaks German", async () => {
  const catalog = messageCatalog({
    'password authentication failed for user "%s"':
      "Passwort-Authentifizierung für Benutzer »%s« fehlgeschlagen",
  });
  const folder = "/usr/share/locale/de/LC_MESSAGES";
  await server.bash(`mkdir -p ${folder}; base64 -d >${folder}/postgres-17.mo`, {
    input: catalog.toString("base64"),
    user: "root",
  });
  await server.sql("alter system set lc_messages = 'de_DE.UTF-8'");
  await server.restart();
  const wrong = new Steps(server);
  wrong.settings.superuserPassword = "of yesterday";
  const first = `The primary at ${server.name}:5432 refuses the login of "${superuser}".`;
  const ran = await wrong.run("role");
  expect([ran.code, ran.stderr.split("\n")[0]]).toEqual([exitCodes.loginRefused, first]);
  expect(ran.stderr).toContain(`Passwort-Authentifizierung für Benutzer »${superuser}«`);
  const warnings: string[] = [];
  const place = { kind: "container", container: server.name } as const;
  const warn = (sentence: string) => warnings.push(sentence);
  await observePrimary(place, wrong.settings, [], undefined, warn);
  expect(warnings).toEqual([
    `The primary at ${server.name}:5432 refuses the password of "${superuser}". If it was changed there, set laterbase:primary.superuser.password to the new one.`,
  ]);
  await server.sql("alter system reset lc_messages");
  await server.restart();
});

it("tells a refused login from a database that is not there, by their codes", async () => {
  const place = { kind: "container", container: server.name } as const;
  const warnings: unknown[] = [];
  const look = (change: object) =>
    observePrimary(place, { ...steps.settings, ...change }, [], undefined, (...warning) =>
      warnings.push(warning),
    );
  await look({ database: "none" });
  await look({ superuser: "nobody" });
  await server.bash(
    '{ echo "host all locked all reject"; cat "$H"; } >/tmp/hba; cat /tmp/hba >"$H"',
  );
  await server.sql("select pg_reload_conf()");
  await look({ superuser: "locked" });
  expect(warnings).toEqual([
    [expect.stringContaining(':5432 has no database "none", so preview does not know'), "failed"],
    [expect.stringContaining('refuses the password of "nobody"'), "refused"],
    [expect.stringMatching(/\(28000\)$/), "refused"],
  ]);
  await server.bash('sed 1d /tmp/hba >"$H"');
  await server.sql("select pg_reload_conf()");
});

it("says by its exit code that another run holds the lock", async () => {
  const ran = await server.whileLocked(() => steps.run("role"));
  expect([ran.code, ran.stderr.split("\n")[0]]).toEqual([
    exitCodes.locked,
    `Another run of Laterbase is at work on the primary at ${server.name}:5432: try again.`,
  ]);
});

it("does the same by sudo through the socket", async () => {
  const before = await server.readHba();
  await server.bash(
    `cat >>"$D/pg_ident.conf"; printf 'local all all peer map=m\\n' | cat - "$H" >/tmp/h; cat /tmp/h >"$H"
     pg_ctl -D "$D" reload`,
    { input: `m postgres "${superuser}"\n` },
  );
  // A replacement for sudo: the test is about how psql is called, not about who allows it.
  await server.bash(
    `printf '#!/bin/sh\\n[ "$1 $2 $3 $4" = "-n -u postgres --" ] && shift 4 && exec runuser -u postgres -- "$@"\\n' >/usr/local/bin/sudo
     chmod 755 /usr/local/bin/sudo`,
    { user: "root" },
  );
  const ssh = await new SshServer(server.name, "root").start();
  const target = { host: "127.0.0.1", port: ssh.port, user: "admin", privateKey: ssh.privateKey };
  const sudo = new Steps(server, undefined, (script, mode) =>
    runBySsh({ ...target, hostKey: ssh.hostKey }, script, undefined, mode),
  );
  Object.assign(sudo.settings, {
    transport: { kind: "ssh", sudo: true },
    superuserPassword: "",
  });
  await sudo.applyAll();
  expect(await sudo.must("observe")).toContain('"sound": true');
  await sudo.removeAll();
  await ssh.stop();
  expect(await server.readHba()).toBe(`local all all peer map=m\n${before}`);
});
