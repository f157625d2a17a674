import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { Checkout } from "../../support/docs/checkout";
import { documentRun } from "../../support/docs/documentRun";
import { doAll, ok, run, until } from "../../support/process";
import { sql } from "../../support/stack";

// The pages about a stack that runs, one after the other on the stack of Pulumi.dev.yaml.
const checkout = new Checkout("t-pages");
const { config } = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as {
  config: Record<string, any>;
};
const part = (name: string, port: number) => ({ ...config[`laterbase:${name}`], port });

jest.setTimeout(900_000);

beforeAll(async () => {
  await checkout.make({
    primary: part("primary", 18821),
    standbys: [{ name: "standby", port: 18822 }],
    pooler: part("pooler", 18823),
    pgAdmin: part("pgAdmin", 18824),
    backups: config["laterbase:backups"],
    dumps: config["laterbase:dumps"],
    duplicati: part("duplicati", 18825),
    health: part("health", 18826),
  });
  const { code, stdout, stderr } = await checkout.bash("npm start");
  if (code !== 0) throw new Error(`npm start ended with ${code}:\n${stdout}${stderr}`);
  const status = async () => (await checkout.bash("npm run laterbase -- status")).code === 0;
  // docs/security.md shows where they are found.
  for (const port of [18821, 18823]) {
    const login = `postgresql://nobody:wrong@127.0.0.1:${port}/mfi_banking`;
    await expect(sql(login, "SELECT 1")).rejects.toThrow();
  }
  await until("its first dumps, backups and uploads are there", status, 300);
}, 900_000);
afterAll(
  () =>
    doAll(
      // A restore by hand on docs/backups.md makes them.
      () => run("docker", ["rm", "--force", "restored"]),
      () => run("docker", ["volume", "rm", "--force", "restored"]),
      () => checkout.remove(),
    ),
  300_000,
);

/** A moment of now, after which something was committed that is archived. */
async function moment(): Promise<string> {
  const primary = ["exec", "laterbase-t-pages-primary", "psql", "-XAtqh", "/run/pg/primary"];
  const psql = (text: string) => ok("docker", [...primary, "-d", "mfi_banking", "-c", text]);
  const now = (await psql("SELECT to_char(now(), 'YYYY-MM-DD HH24:MI:SS')")).trim();
  await sleep(1000);
  await psql("CREATE TABLE IF NOT EXISTS later (); DROP TABLE later");
  const check = await checkout.bash("npm run laterbase -- check");
  expect([check.code, check.stderr]).toEqual([0, expect.any(String)]);
  return now;
}

async function newestFile(pattern: string): Promise<string> {
  const { stdout } = await checkout.bash(`ls -t ${pattern} | head -n 1`);
  return stdout.trim();
}

async function oldestDump(): Promise<string> {
  const { stdout } = await checkout.bash("npm run --silent laterbase -- list-dumps --json");
  const dumps = JSON.parse(stdout) as { id: string; database: string }[];
  return dumps.filter(({ database }) => database === "mfi_banking").at(-1)!.id;
}

async function restoredPort(): Promise<string> {
  const port = await ok("docker", ["port", "laterbase-t-pages-restored", "5432"]);
  return port.trim().split(":").at(-1)!;
}

async function image(): Promise<string> {
  const format = ["inspect", "--format", "{{.Config.Image}}", "laterbase-t-pages-primary"];
  return (await ok("docker", format)).trim();
}

async function superuserPassword(): Promise<string> {
  const { stdout } = await checkout.bash("npm run --silent laterbase -- credentials --json");
  return (JSON.parse(stdout) as { superuser: { password: string } }).superuser.password;
}

documentRun("dev", {
  checkout,
  stacks: { dev: "t-pages", "<stack>": "t-pages", "<standby>": "standby" },
  values: {
    "2026-11-29 12:00": moment,
    "2026-11-29 12:03": moment,
    "40123": restoredPort,
    "./mfi_banking-restored-20261129T130000Z.dump": () =>
      newestFile("./mfi_banking-restored-*.dump"),
    "mfi_banking/20261121T030000Z": oldestDump,
    "<any image>": image,
    "the password of credentials": superuserPassword,
    homelab_jarvis: "mfi_banking",
  },
  accidents: {
    "the container is gone": "docker rm --force laterbase-dev-primary",
    // The agent mounts the volume, too.
    "the data are gone": `docker rm --force laterbase-dev-primary laterbase-dev-agent
      docker volume rm laterbase-dev-primary-data`,
  },
});
