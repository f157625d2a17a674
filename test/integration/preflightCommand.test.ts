import { ok } from "../support/process";
import { Stack } from "../support/stack";
import { Stranger, superuser, superuserPassword } from "../support/primaryServer";
import { SshServer } from "../support/primarySshServer";

// The operator's command before the first `up`, by both ways to an external primary. What it does not
// prove: the findings themselves (preflight.test.ts does).
jest.setTimeout(600_000);

const host = "10.213.15.1";
const stack = new Stack("t-preflight");
const server = new Stranger(13, {
  network: ["--subnet", "10.213.15.0/24"],
  docker: ["--publish", `${host}:5432:5432`],
});
const ssh = new SshServer(server.name);

beforeAll(async () => {
  await server.start();
  await ssh.start(host);
}, 600_000);

afterAll(async () => {
  await stack.remove();
  await ssh.stop();
  await server.stop();
}, 600_000);

async function configure(way: "sql" | "ssh", version = 13, password = superuserPassword) {
  const primary = {
    ...{ kind: "external", host, version, superuser: { name: superuser } },
    ...{ databases: "*", allowFrom: ["10.213.15.0/24"], slotRetention: "512MB" },
    access:
      way === "sql"
        ? { kind: "sql" }
        : { kind: "ssh", user: "admin", port: ssh.port, hostKey: ssh.hostKey.trim() },
  };
  await stack.configure(
    { primary, standbys: [{ name: "standby", port: 18215 }] },
    {
      "primary.superuser.password": password,
      ...(way === "ssh" ? { "primary.access.privateKey": ssh.privateKey } : {}),
    },
  );
}

const ofStack = ["--all", "--quiet", "--filter", "label=laterbase.stack=t-preflight"];

it.each(["sql", "ssh"] as const)("checks by %s, and leaves nothing behind", async (way) => {
  await configure(way);
  const before = await server.snapshot();
  const { code, stdout, stderr } = await stack.laterbase("preflight", "--json");
  expect([code, stderr]).toEqual([0, ""]);
  const report = JSON.parse(stdout) as { ready: boolean; findings: { id: string }[] };
  expect(report.ready).toBe(true);
  expect(report).toMatchObject({ server: { version: expect.stringMatching(/^13\./) } });
  expect(report.findings.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["fsync", "disk", "minimum-settings"]),
  );
  expect(await server.snapshot()).toEqual(before);
  expect(await ok("docker", ["ps", ...ofStack])).toBe("");
});

it("prints sentences for people, and ends with 1 where something blocks", async () => {
  // A login shell may greet, and its words are no finding.
  ssh.greeting = "Welcome to Studio Mac\n";
  await configure("ssh", 15);
  const { code, stdout, stderr } = await stack.laterbase("preflight");
  ssh.greeting = "";
  expect([code, stderr]).toEqual([1, ""]);
  expect(stdout).not.toContain("Studio");
  expect(stdout).toContain(
    "BLOCK   The server is PostgreSQL 13, but laterbase:primary.version says 15.",
  );
  expect(stdout).toMatch(
    /\nLaterbase cannot make a standby until you resolve the blocking finding\./,
  );
});

it("says in one sentence why it cannot check", async () => {
  await configure("ssh", 13, "wrong");
  const refused = await stack.laterbase("preflight");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    new RegExp(`^laterbase: The primary at ${host}:5432 refused the password of "${superuser}"\\.`),
  );
  await stack.configure({
    primary: { kind: "managed", version: 17, port: 18216, databases: ["app"] },
    standbys: [{ name: "standby", port: 18215 }],
  });
  const early = await stack.laterbase("preflight");
  expect(early.stderr).toBe(
    "laterbase: The primary of the stack t-preflight is managed by Laterbase and does not run: 'npm run pulumi -- up --stack t-preflight' starts it. There is nothing to check before.\n",
  );
});

it("refuses what an earlier stack of the same name left, and takes it over by one command", async () => {
  await configure("ssh");
  const comment = (owner: string) => `{"laterbase": 1, "owner": "${owner}", "slots": []}`;
  const found = async (...words: string[]) => {
    const { code, stdout, stderr } = await stack.laterbase("preflight", "--json", ...words);
    const { findings, removed } = JSON.parse(stdout) as {
      findings: { id: string; finding: string }[];
      removed?: string[];
    };
    const refused = findings.filter(({ id }) => id === "role").map(({ finding }) => finding);
    return { code, refused, removed, stderr };
  };
  await server.sql(`create role laterbase_t_preflight;
    comment on role laterbase_t_preflight is '${comment("laterbase/t-preflight#12345678")}'`);
  const left = await found();
  expect(left.code).toBe(1);
  expect(left.refused).toEqual([
    'Role "laterbase_t_preflight" on the primary belongs to laterbase/t-preflight#12345678, not to laterbase/t-preflight: it is left alone. ' +
      "If that stack of the same name is gone, 'npm run laterbase -- preflight --take-over 12345678 --stack t-preflight' removes what it left there.",
  ]);
  // Another number is another stack's.
  expect((await found("--take-over", "87654321", "--yes")).refused).toEqual(left.refused);
  expect(await found("--take-over", "12345678", "--yes")).toEqual({
    ...{ code: 0, refused: [], stderr: "" },
    removed: ['Role "laterbase_t_preflight" is dropped.'],
  });
  await server.sql(`create role laterbase_t_preflight;
    comment on role laterbase_t_preflight is '${comment("laterbase/other#12345678")}'`);
  expect((await found()).refused).toEqual([
    'Role "laterbase_t_preflight" on the primary belongs to laterbase/other#12345678, not to laterbase/t-preflight: it is left alone.',
  ]);
  await server.sql("drop role laterbase_t_preflight");
});
