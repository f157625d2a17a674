import { execa } from "execa";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok, run, until } from "../../support/process";
import { sql, Stack } from "../../support/stack";

// Real migrations on a real stack with backups: drizzle-orm's migrator and Alembic, good ones, failing ones and killed
// ones, in a folder and in a container. The tools are installed into a temporary folder. A failing one is undone by a
// restore to the point that was made before it.
const stack = new Stack("t-migrate");
const port = 18451;
jest.setTimeout(900_000);

const folder = (name: string) => join(stack.folder, name);
const write = (file: string, text: string) => {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
};

const drizzleScript = `import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
await migrate(drizzle(pool), { migrationsFolder: "drizzle" });
console.log("drizzle is done");
await pool.end();
`;

/** The journal of drizzle-kit, for migrations of these names. */
function drizzle(migrations: Record<string, string>): void {
  const entries = Object.keys(migrations).map((tag, idx) => ({
    ...{ idx, version: "7", when: 1_700_000_000_000 + idx, tag, breakpoints: true },
  }));
  write(
    folder("drizzle/drizzle/meta/_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries }),
  );
  for (const [tag, text] of Object.entries(migrations)) {
    write(folder(`drizzle/drizzle/${tag}.sql`), text);
  }
}

const alembicEnv = `import os
from alembic import context
from sqlalchemy import create_engine
url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
with create_engine(url).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
print("alembic is done")
`;

function alembic(revision: string, down: string | undefined, body: string): void {
  write(
    folder(`alembic/migrations/versions/${revision}.py`),
    `import time
from alembic import op
revision = "${revision}"
down_revision = ${down ? `"${down}"` : "None"}
def upgrade():
${body.replace(/^/gm, "    ")}
`,
  );
}

const apps = {
  drizzle: { command: ["node", "migrate.mjs"] },
  alembic: { command: [".venv/bin/alembic", "upgrade", "head"] },
};

beforeAll(async () => {
  write(folder("drizzle/package.json"), '{ "private": true, "type": "module" }\n');
  write(folder("drizzle/migrate.mjs"), drizzleScript);
  const npm = ["install", "--no-audit", "--no-fund", "drizzle-orm@0.45.4", "pg@8.23.1"];
  write(folder("alembic/alembic.ini"), "[alembic]\nscript_location = migrations\n");
  write(folder("alembic/migrations/env.py"), alembicEnv);
  const pip = ["install", "--quiet", "alembic==1.20.1", "psycopg[binary]"];
  await Promise.all([
    ok("npm", npm, { cwd: folder("drizzle") }),
    ok("python3", ["-m", "venv", folder("alembic/.venv")]).then(() =>
      ok(folder("alembic/.venv/bin/pip"), pip),
    ),
    stack
      .configure({
        primary: { kind: "managed", version: 17, port, databases: ["of_drizzle"] },
        applications: Object.fromEntries(
          Object.entries(apps).map(([name, own]) => [
            name,
            { database: `of_${name}`, migrate: { ...own, directory: folder(name) } },
          ]),
        ),
        backups: { repositories: [{ type: "posix" }], archiveTimeout: "10s" },
      })
      .then(() => stack.up()),
  ]);
  const backup = await stack.laterbase("backup", "full");
  if (backup.code !== 0) throw new Error(backup.stderr);
}, 900_000);

afterAll(async () => {
  await stack.laterbase("restore", "--remove", "--yes");
  await stack.remove();
}, 300_000);

const uri = async (name: string) =>
  (await stack.outputs<any>()).connections[`of_${name}`].direct as string;
const tables = async (name: string) =>
  (
    await sql(
      await uri(name),
      // Drizzle's migrator makes a schema of its own name, and it is the role's name here, so its search_path has it.
      "select tablename as t, tableowner as o from pg_tables where schemaname in ('public', 'drizzle') order by 1",
    )
  ).map(({ t, o }) => `${t} of ${o}`);

/** The restore point that the command's sentences name. */
const pointIn = (text: string) => /before_\w+_\d{8}T\d{6}Z/.exec(text)?.[0] ?? "";

const wayBack = (name: string, point: string) =>
  `To go back to the moment before it: 'npm run laterbase -- restore --to-name ${point} --in-place --stack t-migrate', for the whole server; ` +
  `'npm run laterbase -- restore --to-name ${point} --database of_${name} --stack t-migrate' gets a dump of of_${name} alone.`;

const steps: Record<string, () => void> = {
  "drizzle good": () => drizzle({ "0000_a": "create table users (id int primary key);" }),
  "drizzle bad": () =>
    drizzle({
      "0000_a": "create table users (id int primary key);",
      "0001_b": "drop table users;",
      "0002_c": "select * from nowhere;",
    }),
  "alembic good": () =>
    alembic("a1", undefined, 'op.execute("create table users (id int primary key)")'),
  "alembic bad": () => {
    alembic("a2", "a1", 'op.execute("drop table users")');
    alembic("a3", "a2", 'op.execute("select * from nowhere")');
  },
};

describe.each(Object.keys(apps))("%s", (name) => {
  let point = "";

  it("migrates as the application's role, and names the way back", async () => {
    steps[`${name} good`]!();
    const { code, stdout, stderr } = await stack.laterbase("migrate", name);
    point = pointIn(stderr);
    expect([
      code,
      stderr.includes(`Restore point "${point}" is made. Now ${name} migrates.`),
    ]).toEqual([0, true]);
    expect(stdout.trim().split("\n").slice(-3)).toEqual([
      `${name} is done`,
      `${name} has migrated.`,
      wayBack(name, point),
    ]);
    expect(await tables(name)).toContain(`users of ${name}`);
    await sql(await uri(name), "insert into users values (1), (2)");
  });

  it("keeps the exit code of a failing one, and its restore point brings the table back", async () => {
    steps[`${name} bad`]!();
    const { code, stderr } = await stack.laterbase("migrate", name);
    point = pointIn(stderr);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/nowhere/)]);
    expect(stderr.trim().split("\n").at(-1)).toBe(
      `laterbase: The migration of ${name} failed: ${apps[name as keyof typeof apps].command[0]} ended with exit code 1. ${wayBack(name, point)}`,
    );
    // Alembic commits each migration, and drizzle all of them together.
    const lost = !(await tables(name)).includes(`users of ${name}`);
    expect(lost).toBe(name === "alembic");
    const dumped = await stack.laterbase(
      "--json",
      "restore",
      "--to-name",
      point,
      "--database",
      `of_${name}`,
    );
    expect([dumped.code, dumped.code === 0 ? "" : dumped.stderr]).toEqual([0, ""]);
    const { file } = JSON.parse(dumped.stdout) as { file?: string; dump?: { file: string } };
    const text = await ok("bash", ["-c", `strings "$1" | grep -c users || true`, "-", file ?? ""]);
    rmSync(file ?? "", { force: true });
    expect(Number(text)).toBeGreaterThan(0);
  });

  it("says that the restore point stays when it is killed midway", async () => {
    if (name === "drizzle") {
      drizzle({
        "0000_a": "create table users (id int primary key);",
        "0001_slow": "create table half (id int); select pg_sleep(600);",
      });
    } else {
      rmSync(folder("alembic/migrations/versions/a3.py"));
      alembic("a4", "a2", 'op.execute("create table half (id int)")\ntime.sleep(600)');
    }
    const words = [
      "--require",
      "tsx/cjs",
      "scripts/cli/laterbase.ts",
      "--stack",
      stack.name,
      "migrate",
      name,
    ];
    const env = { ...stack.env, LATERBASE_STACK_FILE: join(stack.folder, "stack.yaml") };
    const child = execa("node", words, { env, reject: false });
    await until("it waits in its migration", async () => {
      const { stdout } = await execa("pgrep", ["-f", folder(name)], { reject: false });
      const { stdout: by } = await execa("pgrep", ["-f", "migrate.mjs"], { reject: false });
      return (name === "drizzle" ? by : stdout) !== "";
    });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    child.kill("SIGTERM", { forceKillAfterTimeout: false });
    const { exitCode, stderr } = await child;
    const made = pointIn(stderr);
    expect([exitCode, stderr.trim().split("\n").at(-1)]).toEqual([
      143,
      `laterbase: SIGTERM ended ${apps[name as keyof typeof apps].command[0]}, the migration of ${name}. ${wayBack(name, made)}`,
    ]);
    expect(await tables(name)).not.toContain(`half of ${name}`);
    const plan = await stack.laterbase("restore", "--dry-run", "--to-name", made);
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining(made)]);
  });
});

describe("in a container", () => {
  const name = "lbt-migrating";
  const image = async () =>
    (
      await ok("docker", ["inspect", "--format", "{{.Config.Image}}", stack.container("primary")])
    ).trim();

  afterAll(() => run("docker", ["rm", "--force", name]));

  it("gets the connection by the name in the stack's network, in its own environment alone", async () => {
    const own = ["run", "--detach", "--name", name, "--entrypoint", "sleep"];
    await ok("docker", [...own, await image(), "3600"]);
    stack.edit((text) =>
      text
        .replace(/directory: .*\/drizzle$/m, `container: ${name}`)
        .replace(
          /- node\n\s+- migrate.mjs/,
          '- bash\n          - -c\n          - psql -XAtqc \'select current_user\' "$DATABASE_URL" && sleep $0\n          - "0"',
        ),
    );
    const refused = await stack.laterbase("migrate", "drizzle");
    expect([refused.code, refused.stderr.trim()]).toEqual([
      4,
      `laterbase: The container ${name} is not in the network laterbase-t-migrate, so it does not reach the primary: 'docker network connect laterbase-t-migrate ${name}'. Nothing was run.`,
    ]);
    await ok("docker", ["network", "connect", "laterbase-t-migrate", name]);
    const { code, stdout } = await stack.laterbase("migrate", "drizzle");
    expect([code, stdout.split("\n")[0]]).toEqual([0, "drizzle"]);
    const inspected = await ok("docker", ["inspect", name]);
    expect(inspected).not.toContain("DATABASE_URL");
  });

  it("gets a signal, too", async () => {
    stack.edit((text) => text.replace('- "0"', '- "600"'));
    const words = [
      "--require",
      "tsx/cjs",
      "scripts/cli/laterbase.ts",
      "--stack",
      stack.name,
      "migrate",
      "drizzle",
    ];
    const env = { ...stack.env, LATERBASE_STACK_FILE: join(stack.folder, "stack.yaml") };
    const child = execa("node", words, { env, reject: false });
    const sleeps = async () => (await ok("docker", ["top", name])).includes("sleep 600");
    await until("it waits", sleeps);
    child.kill("SIGTERM", { forceKillAfterTimeout: false });
    const { exitCode, stderr } = await child;
    expect([exitCode, stderr]).toEqual([143, expect.stringContaining("SIGTERM ended bash")]);
    expect(await sleeps()).toBe(false);
  });
});
