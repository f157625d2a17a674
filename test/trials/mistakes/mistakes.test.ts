import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../../components";
import { looksOf } from "../../../components/stack/looks";
import { postgresImage } from "../../../images/build/postgres";
import { stackImages } from "../../../images/build/stack";
import { type Mistake, refused } from "../../support/mistakes";
import { promiseOf } from "../../support/mocks";
import { hba, Stranger, superuser, superuserPassword } from "../../support/primaryServer";
import { ok, run, until } from "../../support/process";
import { Stack } from "../../support/stack";
import { WholeStack } from "../../support/wholeStack";

// Thirty mistakes on living stacks. Each row: what is done, the sentence, and every container that ran still
// runs. npm test has three of them in wholeStack.
jest.setTimeout(300_000);

describe("a stack with every part", () => {
  const stack = new WholeStack("t-mistakes", "app");
  const folder = mkdtempSync(join(tmpdir(), "laterbase-mistakes-"));
  // The agent takes a folder over that holds nothing but dumps.
  const beside = mkdtempSync(join(tmpdir(), "laterbase-mistakes-"));
  const file = join(beside, "a file");
  const container = stack.container("other");
  const set = " (set in Pulumi.t-mistakes.yaml).";
  const good = {
    primary: { kind: "managed", version: 17, port: 18508, databases: ["app", "jobs"] },
    standbys: [{ name: "standby", port: 18509 }],
    pooler: { port: 18510 },
    pgAdmin: { port: 18511, email: "me@example.com" },
    dumps: { schedule: "@hourly", path: folder },
    duplicati: { port: 18512, target: "file:///archive" },
  };
  const { primary, pgAdmin, dumps, duplicati, pooler } = good;
  const secrets = { "duplicati.passphrase": "the first" };
  let program: Server | undefined;

  beforeAll(async () => {
    writeFileSync(file, "");
    await stack.configure(good, secrets);
    await stack.apply();
    await stack.command("dump");
    await ok("docker", ["exec", stack.container("agent"), "laterbase-agent", "upload"]);
    program = createServer().listen(18520, "127.0.0.1");
    const { tag } = postgresImage(17);
    const other = ["--label", "laterbase.stack=other", "--label", "laterbase.role=pooler"];
    await ok("docker", [
      ...["run", "--detach", "--name", container, ...other, "--publish", "127.0.0.1:18521:5432"],
      ...["--entrypoint", "sleep", tag, "infinity"],
    ]);
  }, 900_000);

  afterAll(async () => {
    program?.close();
    await run("docker", ["rm", "--force", container]);
    await stack.remove().finally(() => {
      for (const one of [folder, beside]) rmSync(one, { recursive: true });
    });
  }, 300_000);

  const free = (key: string) =>
    `laterbase:${key} must be a port that is free on 127.0.0.1 of the local Docker engine`;
  const port = "must be a whole number from 1 to 65535, such as 5432";
  const rows: Mistake[] = [
    {
      what: "a port of another program",
      config: { ...good, standbys: [{ name: "standby", port: 18520 }] },
      sentence: `${free("standbys[0].port")}, such as 18522; it is 18520, which another program there has${set}`,
    },
    {
      what: "a port of another stack",
      config: { ...good, pgAdmin: { ...pgAdmin, port: 18521 } },
      sentence: `${free("pgAdmin.port")}, such as 18522; it is 18521, which the container "${container}" of the stack "other" has${set}`,
    },
    {
      what: "two ports exchanged",
      config: { ...good, pooler: { port: 18511 }, pgAdmin: { ...pgAdmin, port: 18510 } },
      sentence: `${free("pooler.port")}, such as 18513; it is 18511, which the container "${stack.container("pgadmin")}" of this stack has until this \`up\` has moved or removed it${set}`,
    },
    {
      what: "a standby renamed that keeps its port",
      config: { ...good, standbys: [{ name: "second", port: 18509 }] },
      sentence: `${free("standbys[0].port")}, such as 18513; it is 18509, which the container "${stack.container("standby")}" of this stack has until this \`up\` has moved or removed it${set}`,
    },
    {
      what: "a standby named as a container of others",
      config: { ...good, standbys: [...good.standbys, { name: "other", port: 18530 }] },
      sentence: `laterbase:standbys[1].name needs the name ${container} on the local Docker engine, which a container has that is not this stack's; rename that one: docker rename ${container} ${container}-old${set}`,
    },
    {
      what: "an older major",
      config: { ...good, primary: { ...primary, version: 15 } },
      sentence: `laterbase:primary.version must be 17, the major of the data in the volume ${stack.container("primary-data")}; it is 15. A server reads data of its own major only, see docs/dumps.md, Upgrading to a newer major${set}`,
    },
    {
      what: "dumps into a file",
      config: { ...good, dumps: { ...dumps, path: file } },
      sentence: `laterbase:dumps.path must be a folder that can be written on the machine of the local Docker engine, such as ./backups; "${file}" is not a folder${set}`,
    },
    {
      what: "dumps below a file",
      config: { ...good, dumps: { ...dumps, path: join(file, "below") } },
      sentence: `laterbase:dumps.path must be a folder that can be written on the machine of the local Docker engine, such as ./backups; "${join(file, "below")}" cannot be made, because ${file} is not a folder${set}`,
    },
    {
      what: "another passphrase for old archives",
      config: good,
      secrets: { "duplicati.passphrase": "the second" },
      sentence: `laterbase:duplicati.passphrase must stay as it was while laterbase:duplicati.target holds archives that only the old one opens; set laterbase:duplicati.target to another folder too, or the old passphrase again${set}`,
    },
    {
      what: "a port out of range",
      config: { ...good, pooler: { port: 70000 } },
      sentence: `laterbase:pooler.port ${port}; it is 70000${set}`,
    },
    {
      what: "one port twice",
      config: { ...good, pooler: { port: 18509 } },
      sentence: `laterbase:pooler has the port 18509 of laterbase:standbys "standby"; each needs its own${set}`,
    },
    {
      what: "a standby named as another container",
      config: { ...good, standbys: [{ name: "pooler", port: 18509 }] },
      sentence: `laterbase:standbys must not name a standby "pooler", because a container of another kind has that name; choose another one, such as "standby"${set}`,
    },
    {
      what: "a pool for a database that is not named",
      config: { ...good, pooler: { ...pooler, databases: { job: { poolSize: 5 } } } },
      sentence: `laterbase:pooler.databases names "job", which laterbase:primary.databases does not; there are app, jobs${set}`,
    },
    {
      what: "dumps of a database that is not named",
      config: { ...good, dumps: { ...dumps, databases: ["job"] } },
      sentence: `laterbase:dumps.databases names "job", which laterbase:primary.databases does not; there are app, jobs${set}`,
    },
    {
      what: "a database's time that is longer than the run's",
      config: { ...good, dumps: { ...dumps, timeout: "10m", databaseTimeout: "20m" } },
      sentence: `laterbase:dumps.databaseTimeout must be at most laterbase:dumps.timeout, which is 10m; it is 20m${set}`,
    },
    {
      what: "an upload without dumps",
      config: { ...good, dumps: undefined },
      sentence: `laterbase:duplicati stores dumps: set laterbase:dumps too, such as { retentionDays: 7 }${set}`,
    },
    {
      what: "a slot WAL limit below a few segments",
      config: { ...good, primary: { ...primary, slotRetention: "64MB" } },
      sentence: `laterbase:primary.slotRetention must be at least 256MB, such as 10GB; it is less than 16 WAL segments${set}`,
    },
    {
      what: "a database named twice",
      config: { ...good, primary: { ...primary, databases: ["app", "jobs", "app"] } },
      sentence: `laterbase:primary.databases names "app" twice; once is enough${set}`,
    },
    {
      what: "scripts that are not there",
      config: { ...good, primary: { ...primary, initScripts: "no/such/folder" } },
      sentence: `laterbase:primary.initScripts must be a folder of *.sql and *.sh that can be read, such as examples/hot-hot/schema; it is "no/such/folder"${set}`,
    },
    {
      what: "a standby elsewhere that cannot reach the primary",
      config: { ...good, standbys: [{ name: "standby", port: 18509, dockerHost: "ssh://me@nas" }] },
      sentence: `laterbase:bindAddress must be an address at which the engine of standby "standby" reaches the primary, such as 192.168.1.10; it is 127.0.0.1${set}`,
    },
    {
      what: "a time zone that is none",
      config: { ...good, timeZone: "Europe/Londn" },
      sentence: `laterbase:timeZone must be an IANA time zone, such as Europe/London; it is "Europe/Londn"${set}`,
    },
    {
      what: "a target without a scheme",
      config: { ...good, duplicati: { ...duplicati, target: "/archive" } },
      sentence: `laterbase:duplicati.target must be a URL: a folder inside Duplicati's container is written file:///archive, any other place with its scheme, such as s3://bucket/folder${set}`,
    },
    {
      what: "an address that is not this machine's",
      config: { ...good, bindAddress: "192.0.2.1" },
      sentence: expect.stringMatching(
        /^laterbase:bindAddress must be an address of the machine of the local Docker engine, such as 127\.0\.0\.1 or 0\.0\.0\.0 \(it has .*\); it is 192\.0\.2\.1 \(set in Pulumi\.t-mistakes\.yaml\)\.$/,
      ),
    },
  ];

  it.each(rows)("$what", (row) => refused(stack, { secrets, ...row }));

  it("has nothing to do when the mistakes are undone, and costs nothing then", async () => {
    await stack.configure(good, secrets);
    await stack.up("--expect-no-changes");
  });

  it("looks within 1.5 s", async () => {
    const config = parseConfig(
      { ...good, duplicati: { ...duplicati, passphrase: "the first" } },
      "",
    );
    const args = { project: "laterbase", stack: stack.name, file: "", folder, config };
    const looks = await promiseOf(looksOf({ ...args, images: stackImages(config) }));
    const words = ["--require", "tsx/cjs", "scripts/steps/look.ts", looks.prefix];
    const seconds: number[] = [];
    for (let i = 0; i < 3; i++) {
      const start = Date.now();
      await ok("node", words, { input: JSON.stringify(looks) });
      seconds.push((Date.now() - start) / 1000);
    }
    expect(Math.min(...seconds)).toBeLessThan(1.5);
  });
});

describe("a stack on a primary of others", () => {
  const subnet = "10.213.61";
  const host = `${subnet}.1`;
  const server = new Stranger(17, {
    network: ["--subnet", `${subnet}.0/24`],
    docker: ["--publish", `${host}:5432:5432`],
  });
  const stack = new Stack("t-mistakes-far");
  const set = " (set in Pulumi.t-mistakes-far.yaml).";
  const own = {
    kind: "external",
    host,
    version: 17,
    superuser: { name: superuser },
    databases: ["ResolveProjects"],
    allowFrom: [`${subnet}.0/24`],
  };
  const good = {
    primary: own,
    standbys: [{ name: "standby", port: 18541 }],
    pooler: { port: 18542 },
    pgAdmin: { port: 18543, email: "me@example.com", superuser: true },
  };
  const secrets = { "primary.superuser.password": superuserPassword };
  const at = `${host}:5432`;
  const password = `laterbase:primary.superuser.password must be the password of`;
  const refuses = `on ${at}, which refuses the one that is set; set the right one by \`npm run pulumi -- config set --secret --path 'laterbase:primary.superuser.password'\`${set}`;

  beforeAll(async () => {
    await server.start();
    await server.sql('create database "ResolveProjects"');
    // The looks speak TLS with a server that has it, as psql does.
    await server.bash(`cd "$D" && umask 077
      openssl req -new -x509 -days 2 -nodes -subj /CN=test -out server.crt -keyout server.key 2>/dev/null`);
    await server.sql("alter system set ssl = on");
    await server.sql("select pg_reload_conf()");
    await server.writeHba(hba.replaceAll(/^host /gm, "hostssl "));
    await server.sql("select pg_reload_conf()");
    await stack.configure(good, secrets);
    await stack.up();
  }, 900_000);

  afterAll(() => stack.remove().finally(() => server.stop()), 300_000);

  const rows: Mistake[] = [
    {
      what: "a wrong password of the superuser",
      config: good,
      secrets: { "primary.superuser.password": "wrong" },
      sentence: `${password} "${superuser}" ${refuses}`,
    },
    {
      what: "a superuser that is not there",
      config: { ...good, primary: { ...own, superuser: { name: "admin" } } },
      sentence: `${password} "admin" ${refuses}`,
    },
    {
      what: "a database in other letters",
      config: { ...good, primary: { ...own, databases: ["resolveprojects"] } },
      sentence: `laterbase:primary.databases names "resolveprojects", which ${at} does not have; it has "ResolveProjects", "postgres"${set}`,
    },
    {
      what: "a database that is not there",
      config: { ...good, primary: { ...own, databases: ["ResolveProjects", "Accounting"] } },
      sentence: `laterbase:primary.databases names "Accounting", which ${at} does not have; it has "ResolveProjects", "postgres"${set}`,
    },
    {
      what: "networks that leave out the engine",
      config: { ...good, primary: { ...own, allowFrom: ["192.0.2.0/24"] } },
      sentence: expect.stringMatching(
        /^laterbase:primary\.allowFrom must admit 10\.213\.61\.\d+, from where the standby "standby" connects, such as 10\.213\.61\.\d+\/32; it is \[192\.0\.2\.0\/24\] \(set in Pulumi\.t-mistakes-far\.yaml\)\.$/,
      ),
    },
    {
      what: "another major",
      config: { ...good, primary: { ...own, version: 15 } },
      sentence: `laterbase:primary.version must be 17, the major of ${at}; it is 15${set}`,
    },
    {
      what: "the address of this container",
      config: { ...good, primary: { ...own, host: "localhost" } },
      sentence: `laterbase:primary.host must be an address at which containers reach the primary, such as 192.168.1.20; it is localhost, which is the container itself${set}`,
    },
  ];

  it.each(rows)("$what", (row) => refused(stack, { secrets, ...row }));

  it("says that the primary sleeps, refuses nothing, and does what needs no primary", async () => {
    await server.down();
    await stack.configure({ ...good, pgAdmin: { ...good.pgAdmin, port: 18544 } }, secrets);
    const start = Date.now();
    const said = await stack.up();
    expect(said).toContain(
      `The primary at ${at} did not answer, so its password, databases and addresses were not looked at.`,
    );
    expect(Date.now() - start).toBeLessThan(60_000);
    await server.up();
    await until(
      "the standby streams",
      async () => (await server.sql("select count(*) from pg_stat_replication")) === "1",
    );
  });
});
