import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { doAll, ok, run, until } from "../../support/process";
import { checksums, sql, Stack } from "../../support/stack";

// A machine is gone with its containers, volumes and state. A stack file, the folder of the repository and the
// passphrase are left: everything that was archived comes back, by what docs/backups.md says.
const name = "t-loss";
const passphrase = "correct horse battery staple";
const folder = mkdtempSync(join(tmpdir(), "laterbase-repository-"));
const lost = new Stack(name);
const stack = new Stack(name);
const config = {
  primary: { kind: "managed", version: 17, port: 18741, databases: ["app"] },
  standbys: [{ name: "standby", port: 18742 }],
  backups: {
    repositories: [{ type: "posix", path: folder }],
    encryption: { passphrase: "" },
    compression: { type: "lz4" },
  },
};
const secret = (value: string) => ({ "backups.encryption.passphrase": value });

jest.setTimeout(600_000);
afterAll(
  () =>
    doAll(
      () => stack.remove(),
      () => rmSync(lost.folder, { recursive: true, force: true }),
      () => rmSync(folder, { recursive: true, force: true }),
    ),
  300_000,
);

const uriOf = async (one: Stack, server = "direct"): Promise<string> =>
  (await one.outputsOfSuperuser()).connections.app[server];

async function must(one: Stack, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await one.laterbase(...words);
  if (code === 0) return stdout;
  throw new Error(`laterbase ${words.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
}

/** Whether the volume has a primary's data. */
async function hasData(): Promise<boolean> {
  const volume = `${stack.container("primary")}-data`;
  if ((await run("docker", ["volume", "inspect", volume])).code !== 0) return false;
  const image = (await ok("docker", ["images", "-q", "laterbase/postgres"])).split("\n")[0]!;
  const look = ["run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "test"];
  return (
    (await run("docker", [...look, "-v", `${volume}:/v:ro`, image, "-e", "/v/data"])).code === 0
  );
}

/** Removes what the engine has of the stack. */
async function loseTheMachine(): Promise<void> {
  for (const kind of ["container", "volume", "network"]) {
    const all = kind === "container" ? ["--all"] : [];
    const filter = ["--filter", `label=laterbase.stack=${name}`, "--quiet"];
    const ids = (await ok("docker", [kind, "ls", ...all, ...filter])).split("\n").filter(Boolean);
    if (ids.length > 0)
      await ok("docker", [kind, "rm", ...(kind === "network" ? [] : ["--force"]), ...ids]);
  }
  rmSync(lost.folder, { recursive: true, force: true });
}

let before: Record<string, string>;

beforeAll(async () => {
  await lost.configure(config, secret(passphrase));
  await lost.up();
  const uri = await uriOf(lost);
  await sql(uri, "create table t as select g, md5(g::text) from generate_series(1, 20000) g");
  await must(lost, "backup", "full");
  await sql(uri, "insert into t select g, md5(g::text) from generate_series(20001, 30000) g");
  await must(lost, "check");
  before = await checksums(uri);
  await loseTheMachine();
});

it("does what the page says", () => {
  const page = readFileSync(resolve(__dirname, "../../../docs/total-loss.md"), "utf8");
  const [, commands = ""] = /```bash\n([\s\S]*?)```/.exec(page) ?? [];
  expect(commands.trim().split("\n")).toEqual([
    "npm run pulumi -- stack init prod",
    "npm run pulumi -- config set --secret --stack prod --path laterbase:backups.encryption.passphrase",
    "npm run pulumi -- up --stack prod",
    "npm run laterbase -- restore --stack prod",
    "npm run pulumi -- up --stack prod --adopt",
  ]);
});

it("starts no empty primary beside the backups, and names the command", async () => {
  await stack.configure(config, secret(passphrase));
  const { code, stdout, stderr } = await stack.wrapped("up", "--yes");
  expect([code, stdout + stderr]).toEqual([
    1,
    expect.stringContaining(`Repository 1 (${folder}) holds backups of it, the newest of them 2`),
  ]);
  expect(stdout + stderr).toContain(
    `To get the data back, run 'npm run laterbase -- restore --stack ${name}'`,
  );
  expect(await hasData()).toBe(false);
});

it("says in one sentence that another passphrase opens nothing", async () => {
  await stack.configure(config, secret("wrong"));
  const { code, stderr } = await stack.laterbase("restore");
  expect([code, stderr.trim().split("\n").at(-1)]).toEqual([
    1,
    expect.stringMatching(/passphrase/),
  ]);
  expect(await hasData()).toBe(false);
  await stack.configure(config, secret(passphrase));
});

it("shows its plan, and refuses what cannot be reached", async () => {
  const plan = JSON.parse(await must(stack, "restore", "--dry-run", "--json"));
  expect([plan.set.type, plan.timeline, plan.target.kind]).toEqual(["full", 1, "latest"]);
  const refused = await stack.laterbase("restore", "--to-time", "2020-01-01 00:00");
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining("oldest backup")]);
  expect(await hasData()).toBe(false);
});

it("brings every row back, and the stack goes on with its standby and its backups", async () => {
  const said = await must(stack, "restore");
  expect(said).toContain("--adopt");
  expect(await hasData()).toBe(true);
  const again = await stack.laterbase("restore");
  expect([again.code, again.stderr]).toEqual([
    4,
    expect.stringContaining("has the primary's data"),
  ]);

  const up = await stack.wrapped("up", "--yes", "--adopt");
  expect([up.code, up.stdout + up.stderr]).toEqual([0, expect.any(String)]);
  expect(await checksums(await uriOf(stack))).toEqual(before);
  await until("the standby has every row", async () => {
    const sums = await checksums(await uriOf(stack, "standby")).catch(() => ({}));
    return JSON.stringify(sums) === JSON.stringify(before);
  });
  await stack.preview("--expect-no-changes");
  await sql(await uriOf(stack), "insert into t values (0, 'after')");
  expect(await must(stack, "backup", "incr")).toContain("incr");
  await must(stack, "check");
});
