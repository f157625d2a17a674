import { hbaBlock, hbaRules } from "../../../scripts/primary";
import { ok } from "../../support/process";
import { PreparedServer } from "../../support/preparedServer";
import { Stack } from "../../support/stack";
import { superuserPassword } from "../../support/primaryServer";

jest.setTimeout(600_000);

type Config = Record<string, any>;

/** One change of a stack file. */
interface Row {
  what: string;
  change: (config: Config) => Config;
  /** What is done to the server before. Default: nothing. */
  first?: () => Promise<unknown>;
  /** Whether something protected leaves the stack, which `up` refuses otherwise. */
  releases?: boolean;
  /** Whether the standby makes another clone. */
  clones?: boolean;
}

// Each kind of change of each key that decides how a primary is reached, and of those that decide what is made
// there, one after the other on one stack. After one `up` the primary has what a fresh stack of that file would
// have, and a preview is empty. The first `up` and the last one are of fresh stacks: they prove the expectation.
const subnet = "10.213.31";
const otherSubnet = "10.213.32";
const stack = new Stack("t-access");
const server = new PreparedServer(17, subnet, otherSubnet);
const role = "laterbase_t_access";
const address = `${subnet}.1`;
const boss = { name: "boss", password: "of the boss" };

const access = (more: object) => (config: Config) => ({
  ...config,
  primary: { ...config["primary"], access: { ...config["primary"].access, ...more } },
});
const primary = (more: object) => (config: Config) => ({
  ...config,
  primary: { ...config["primary"], ...more },
});
const set = (more: object) => (config: Config) => ({ ...config, ...more });
const without = (key: string) => (config: Config) =>
  Object.fromEntries(Object.entries(config).filter(([name]) => name !== key));

const standby = { name: "standby", port: 18290 };
const pgAdmin = { port: 18294, email: "me@example.com" };
let external: Config;
let password = superuserPassword;

const rows: Row[] = [
  { what: "access: sql → ssh", change: access({ kind: "ssh" }) },
  { what: "access.user", change: access({ user: "editor" }) },
  { what: "access.psql", change: access({ psql: "/usr/lib/postgresql/17/bin/psql" }) },
  {
    what: "access.port and access.hostKey: another SSH server",
    first: () => server.otherSsh(),
    change: (config) =>
      access({ port: server.ssh.port, hostKey: server.ssh.hostKey.trim() })(config),
  },
  { what: "access: ssh → sql, with its keys still there", change: access({ kind: "sql" }) },
  { what: "access: sql → ssh again", change: access({ kind: "ssh" }) },
  { what: "access: ssh → sql again", change: access({ kind: "sql" }) },
  { what: "port", change: primary({ port: 6432 }) },
  { what: "port, back", change: primary({ port: 5432 }) },
  { what: "host", change: primary({ host: `${otherSubnet}.1` }) },
  { what: "host, back", change: primary({ host: address }) },
  {
    what: "superuser.name and its password",
    first: () => server.sql(`create role boss superuser login password '${boss.password}'`),
    change: (config) => {
      password = boss.password;
      return primary({ superuser: { name: boss.name } })(config);
    },
  },
  { what: "databases: one more", change: primary({ databases: ["app", "postgres"] }) },
  { what: 'databases: "*"', change: primary({ databases: "*" }) },
  { what: "databases: one", change: primary({ databases: ["app"] }) },
  { what: "allowFrom", change: primary({ allowFrom: [`${subnet}.0/24`, "10.9.0.0/16"] }) },
  { what: "slotRetention", change: primary({ slotRetention: "1GB" }) },
  {
    what: "dumps: on",
    change: set({ dumps: { schedule: "@yearly", retentionDays: 1, retentionCount: 1 } }),
  },
  { what: "dumps: off", change: without("dumps"), releases: true },
  { what: "pooler: on", change: set({ pooler: { port: 18293 } }) },
  { what: "pooler: off", change: without("pooler") },
  { what: "pgAdmin: on", change: set({ pgAdmin }) },
  { what: "pgAdmin.superuser: on", change: set({ pgAdmin: { ...pgAdmin, superuser: true } }) },
  { what: "pgAdmin.superuser: off", change: set({ pgAdmin }) },
  { what: "pgAdmin: off", change: without("pgAdmin"), releases: true },
  {
    what: "standbys: one more",
    change: set({ standbys: [standby, { name: "second", port: 18291 }] }),
  },
  { what: "standbys: one less", change: set({ standbys: [standby] }), releases: true },
  {
    // With the same port it is refused: trials/mistakes.
    what: "standbys: another name and port",
    change: set({ standbys: [{ name: "renamed", port: 18292 }] }),
    releases: true,
    clones: true,
  },
];

let config: Config;
let clone = "";

/** What a fresh stack of a file has on its external primary. */
function fresh(
  { primary: { allowFrom, slotRetention }, standbys, dumps, pgAdmin: pages }: Config,
  owner: string,
) {
  const reader = pages !== undefined && pages.superuser !== true;
  const readers = [...(dumps ? [`${role}_dumps`] : []), ...(reader ? [`${role}_pgadmin`] : [])];
  const letIn = [...readers, ...(dumps ? [`${role}_restore`] : [])];
  return {
    roles: [role, ...readers],
    slots: standbys.map(({ name }: { name: string }) => `laterbase_${name}_slot`).sort(),
    limit: { "512MB": 512, "1GB": 1024 }[slotRetention as "1GB"],
    recorded: standbys.map(({ name }: { name: string }) => `laterbase_${name}_slot`).sort(),
    block: hbaBlock(owner, hbaRules(role, allowFrom, letIn), role),
  };
}

async function apply(next: Config): Promise<void> {
  config = next;
  await stack.configure(config, {
    ...(config["primary"].kind === "external"
      ? {
          "primary.superuser.password": password,
          "primary.access.privateKey": server.ssh.privateKey,
        }
      : {}),
  });
  await stack.up();
}

async function isFresh(): Promise<void> {
  const { owner, rest, ...facts } = await server.facts(role);
  expect(facts).toEqual(fresh(config, owner));
  expect(rest).toBe(server.originalHba);
  await stack.preview("--expect-no-changes");
}

/** A number that changes with each new clone. */
const cloneId = (name: string) =>
  ok("docker", [
    "exec",
    stack.container(name),
    "stat",
    "-c",
    "%i",
    "/var/lib/postgresql/standby/data/PG_VERSION",
  ]);

const release = () => stack.pulumi(["state", "unprotect", "--all", "--yes"]);

beforeAll(async () => {
  await server.start();
  await server.sql("create database app");
  external = {
    primary: {
      kind: "external",
      host: address,
      port: 5432,
      version: 17,
      superuser: { name: server.superuser },
      databases: ["app"],
      access: {
        kind: "sql",
        user: "admin",
        port: server.ssh.port,
        hostKey: server.ssh.hostKey.trim(),
      },
      allowFrom: [`${subnet}.0/24`],
      slotRetention: "512MB",
    },
    standbys: [standby],
  };
  await apply(external);
  clone = await cloneId("standby");
}, 900_000);

afterAll(async () => {
  await stack.remove().finally(() => server.stop());
}, 300_000);

it("a fresh stack", () => isFresh());

it.each(rows)("$what", async ({ change, first, releases, clones }) => {
  await first?.();
  if (releases) await release();
  await apply(change(config));
  await isFresh();
  const name = config["standbys"][0].name as string;
  const now = await cloneId(name);
  if (clones) clone = now;
  expect(now).toBe(clone);
  expect(await server.sql("select count(*) from pg_replication_slots where not active")).toBe("0");
});

it("kind: external → managed leaves nothing on the server", async () => {
  await release();
  const managed = {
    primary: { kind: "managed", version: 17, port: 18295, databases: ["app"] },
    standbys: [{ name: "near", port: 18296 }],
  };
  // The dumps of the rows above are copies of the external one.
  await expect(apply(managed)).rejects.toThrow("There are copies: dumps of this stack.");
  process.env["LATERBASE_EMPTY_PRIMARY"] = "yes";
  await apply(managed);
  delete process.env["LATERBASE_EMPTY_PRIMARY"];
  await stack.preview("--expect-no-changes");
  expect(await server.facts(role)).toMatchObject({ roles: [], slots: [], limit: -1, block: "" });
  expect(await server.readHba()).toBe(server.originalHba);
});

it("kind: managed → external", async () => {
  await release();
  await apply({
    ...external,
    primary: { ...external["primary"], superuser: { name: boss.name } },
    standbys: [{ ...standby, name: "far" }],
  });
  await isFresh();
});

it("a fresh stack again", async () => {
  await stack.destroy("--exclude-protected");
  await stack.up();
  await isFresh();
});
