import { ok, until } from "../../support/process";
import { sql } from "../../support/stack";
import { WholeStack } from "../../support/wholeStack";

// What a person breaks by hand on a stack that runs, and what preview, `up` and its exit code say of it. Each row
// starts from a stack that works, and ends with one.
jest.setTimeout(600_000);

const stack = new WholeStack("t-broken", "mfi_banking");
const at = (role: string) => stack.container(role);
const docker = (...words: string[]) => ok("docker", words);
const inPrimary = (statement: string) =>
  docker(
    "exec",
    at("primary"),
    "psql",
    "-XAtq",
    "-h",
    "/run/pg/primary",
    "-U",
    "postgres",
    "-c",
    statement,
  );
const standby = (statement: string) => sql(stack.uris.standby, statement);
const cutStream = () => inPrimary("select pg_terminate_backend(pid) from pg_stat_replication");
const up = (...args: string[]) => stack.wrapped("up", "--yes", ...args);

/** Stops the agent's program, and takes its last sign of life away, which counts for 90 s. */
const hang = `for one in /proc/[0-9]*; do
    if tr '\\0' ' ' <$one/cmdline | grep -q 'agent[.]cjs serve'; then kill -STOP \${one#/proc/}; fi
  done 2>/dev/null
  rm -f /run/laterbase/alive`;
/** Changes the folder of the archives from outside: the container's root has no right to. */
const archiveMode = async (mode: string) => {
  const image = (await docker("inspect", "-f", "{{.Config.Image}}", at("duplicati"))).trim();
  const volume = `${at("duplicati")}-archive:/archive`;
  const words = ["--rm", "--user", "0", "-v", volume, "--entrypoint", "chmod"];
  await docker("run", ...words, image, mode, "/archive");
};

interface Breakage {
  name: string;
  /** What the person does. */
  act: () => Promise<unknown>;
  /** What a preview says. */
  preview: RegExp;
  /** What `up` says, and its exit code. */
  up: RegExp;
  exit: number;
  /** Makes the stack whole again. Default: nothing is left to do. */
  heal?: () => Promise<unknown>;
}

const stopped = (role: string, title: string): Breakage => ({
  name: `the container ${role} is stopped`,
  act: () => docker("stop", at(role)),
  preview: new RegExp(
    `\\n  ${title}: it is stopped: exit code \\d+\\.\\n      next: npm run pulumi -- up --refresh --stack t-broken`,
  ),
  up: new RegExp(`\\n  ${title}: it is stopped`),
  exit: 1,
  heal: () => up("--refresh"),
});

const rows: Breakage[] = [
  {
    name: "replay is paused",
    act: () => standby("select pg_wal_replay_pause()"),
    preview: /standby: its replay is paused, so it falls behind/,
    up: /not wholly up/,
    exit: 1,
    heal: () => standby("select pg_wal_replay_resume()"),
  },
  stopped("standby", "standby"),
  stopped("agent", "agent"),
  stopped("scheduler", "scheduler"),
  stopped("scheduler-proxy", "scheduler-proxy"),
  stopped("duplicati", "duplicati"),
  {
    name: "the container pooler is removed",
    act: () => docker("rm", "--force", at("pooler")),
    preview: /pooler: there is no container laterbase-t-broken-pooler\./,
    up: /pooler: there is no container/,
    exit: 1,
    heal: () => up("--refresh"),
  },
  {
    name: "pgAdmin is frozen",
    act: () => docker("pause", at("pgadmin")),
    preview:
      /pgadmin: its processes are frozen\.\n {6}next: docker unpause laterbase-t-broken-pgadmin/,
    up: /pgadmin: its processes are frozen/,
    exit: 1,
    heal: () => docker("unpause", at("pgadmin")),
  },
  {
    name: "the pooler is paused",
    act: () => stack.laterbase("pause-pooler"),
    preview: /DEGRADED:\n {2}pooler: its clients wait, because it is paused/,
    up: /DEGRADED:\n {2}pooler/,
    exit: 0,
    heal: () => stack.laterbase("resume-pooler"),
  },
  {
    name: "the primary is stopped",
    act: () => docker("stop", at("primary")),
    preview: /primary: it is stopped/,
    up: /primary: it is stopped/,
    exit: 1,
    heal: () => up("--refresh"),
  },
  {
    name: "PostgreSQL is killed in the standby's container",
    act: () =>
      docker(
        "exec",
        at("standby"),
        "bash",
        "-c",
        "kill -KILL $(head -n 1 /var/lib/postgresql/standby/data/postmaster.pid)",
      ),
    preview: /Nothing changes/,
    // It starts again by itself.
    up: /Laterbase is up/,
    exit: 0,
  },
  {
    name: "the standby is taken off the network",
    act: () => docker("network", "disconnect", "laterbase-t-broken", at("standby")),
    preview: /standby: its primary does not answer/,
    up: /standby: its primary does not answer/,
    exit: 1,
    heal: async () => {
      await docker("rm", "--force", at("standby"));
      await up("--refresh");
    },
  },
  {
    name: "the replication role gets another password",
    act: async () => {
      await inPrimary("alter role laterbase_t_broken password 'other'");
      await cutStream();
    },
    preview: /standby: .*(cut off|nothing streams)/,
    up: /Laterbase is up/,
    exit: 0,
  },
  {
    name: "our block in pg_hba.conf is emptied",
    act: async () => {
      await docker(
        "exec",
        at("primary"),
        "sed",
        "-i",
        "/laterbase_t_broken/d",
        "/var/lib/postgresql/primary/data/pg_hba.conf",
      );
      await inPrimary("select pg_reload_conf()");
      await cutStream();
    },
    preview: /Changes of stack t-broken:\n(?: .*\n)*.*pg_hba/,
    up: /Laterbase is up/,
    exit: 0,
  },
  {
    name: "the superuser's password is changed",
    act: () => inPrimary("alter role postgres password 'of a person'"),
    preview: /Changes of stack t-broken:/,
    up: /Laterbase is up/,
    exit: 0,
  },
  {
    name: "the slot's limit is changed",
    act: async () => {
      await inPrimary("alter system set max_slot_wal_keep_size = '1GB'");
      await inPrimary("select pg_reload_conf()");
    },
    preview: /Changes of stack t-broken:/,
    up: /Laterbase is up/,
    exit: 0,
  },
  {
    name: "a database cannot be dumped",
    act: async () => {
      await inPrimary("create database spoilt");
      const spoil =
        "create table t (a int); delete from pg_attribute where attrelid = 't'::regclass";
      await docker(
        ...["exec", at("primary"), "psql", "-Xq", "-h", "/run/pg/primary", "-U", "postgres"],
        ...["-d", "spoilt", "-c", spoil],
      );
      await stack.laterbase("dump");
    },
    preview: /dumps: the last one, at .* UTC, failed: /,
    up: /dumps: the last one/,
    exit: 1,
    heal: async () => {
      await inPrimary("drop database spoilt with (force)");
      await until("a dump succeeds", async () => (await stack.laterbase("dump")).code === 0);
    },
  },
  {
    name: "the upload's target cannot be written",
    act: async () => {
      await archiveMode("0500");
      await docker("exec", "--user", "postgres", at("agent"), "laterbase-agent", "upload").catch(
        () => undefined,
      );
    },
    preview: /uploads: the last one, at .* UTC, failed: /,
    up: /uploads: the last one/,
    exit: 1,
    heal: async () => {
      await archiveMode("0700");
      await docker("exec", "--user", "postgres", at("agent"), "laterbase-agent", "upload");
    },
  },
  {
    name: "the agent hangs",
    act: () => docker("exec", at("agent"), "bash", "-c", hang),
    preview: /agent: the supervisor has been silent for \d+ s/,
    up: /agent: the supervisor has been silent for \d+ s/,
    exit: 1,
    heal: () => docker("restart", "--time", "1", at("agent")),
  },
  {
    name: "the standby is promoted",
    act: () => standby("select pg_promote()"),
    preview:
      /standby: it was promoted and follows no primary\.\n {6}next: npm run laterbase -- rebuild standby/,
    up: /standby: it was promoted/,
    exit: 1,
  },
];

beforeAll(async () => {
  await stack.configure({
    primary: { kind: "managed", version: 17, port: 18308, databases: ["mfi_banking"] },
    standbys: [{ name: "standby", port: 18309 }],
    pooler: { port: 18325 },
    pgAdmin: { port: 18326, email: "me@example.com" },
    dumps: { schedule: "@daily", retentionDays: 1, retentionCount: 2 },
    duplicati: { port: 18322, target: "file:///archive", schedule: "@daily" },
  });
  const made = await up();
  expect([made.code, made.stderr]).toEqual([0, ""]);
  expect(made.stdout.split("\n").length).toBeLessThan(100);
  stack.known = await stack.outputsOfSuperuser();
}, 900_000);
afterAll(() => stack.remove(), 300_000);

it.each(rows)("$name", async ({ act, preview, up: said, exit, heal }) => {
  await act();
  const previewed = await stack.wrapped("preview");
  expect(previewed.stdout).toMatch(preview);
  expect(previewed.code).toBe(0);
  const ran = await up();
  expect(ran.stdout).toMatch(said);
  expect(ran.code).toBe(exit);
  if (!heal) return;
  await heal();
  const after = await up();
  expect([after.code, after.stdout]).toEqual([0, expect.stringContaining("Laterbase is up")]);
});
