import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doAll, ok, run, until } from "../../support/process";
import { replayed, sql, Stack } from "../../support/stack";
import { Mac } from "../../support/macLab";
import { editorConfig, library, makeLibrary } from "../../support/macLibrary";

jest.setTimeout(3_600_000);

// The last section of docs/davinci-resolve.md, step by step. A second emulated Mac has the address of the
// dead one. pg_restore stands for the Restore button.
const stack = new Stack("t-mac-dies");
const subnet = "10.213.27";
const folder = mkdtempSync(join(tmpdir(), "laterbase-mac-"));
const old = new Mac({ subnet });
const fresh = new Mac({ subnet });
const sum =
  "select count(*) || ' ' || md5(string_agg(c::text, '' order by id)) as sum from clips c";

const configure = (mac: Mac) => {
  const example = editorConfig();
  return stack.configure(
    {
      primary: { ...example["primary"], host: mac.host, allowFrom: [`${subnet}.0/24`] },
      standbys: [{ name: "standby", port: 18250 }],
      dumps: { ...example["dumps"], path: folder },
    },
    { "primary.superuser.password": mac.password },
  );
};

const health = async () =>
  (await run("docker", ["exec", stack.container("standby"), "laterbase-health"])).stdout;

/** Does what `npm run destroy -- --primary-gone` does, but with the state of this stack. */
async function destroyWithoutPrimary(): Promise<void> {
  const file = join(folder, "state.json");
  writeFileSync(file, await stack.state());
  const help = ["--import", "tsx", "scripts/npm/destroyState.ts", "drop", file];
  writeFileSync(file, await ok("node", [...help, "laterbase", stack.name]));
  await stack.must(["stack", "import", "--file", file]);
  await stack.destroy("--exclude-protected");
}

beforeAll(async () => {
  await old.start();
  await makeLibrary(old);
  await configure(old);
  await stack.up();
});

afterAll(async () => {
  await doAll(
    () => stack.remove(),
    () => old.stop(),
    () => fresh.stop(),
    () => rmSync(folder, { recursive: true, force: true }),
  );
});

it("brings the last second to a new Mac, and gives that one its standby", async () => {
  const standby = (await stack.outputsOfSuperuser({ name: "postgres", password: old.password }))
    .connections[library].standby as string;
  await old.sql("insert into clips (name, note) values ('The last one', '')", library);
  const before = await old.sql(sum, library);
  const lsn = await old.sql("select pg_current_wal_flush_lsn()");
  await until("the standby has it", () => replayed(standby, lsn), 300);
  await old.stop();
  await until("the standby says since when", async () =>
    /"degraded","detail":"cut off from the primary since \d{4}-/.test(await health()),
  );

  const dumped = await stack.laterbase("--json", "dump");
  expect(dumped).toMatchObject({ code: 0 });
  const { databases } = JSON.parse(dumped.stdout);
  const taken = databases.find(({ database }: { database: string }) => database === library);
  expect(taken).toMatchObject({ result: "success", source: "standby" });
  expect((await stack.laterbase("list-dumps")).stdout).toContain(taken.folder);
  const path = join(folder, taken.folder, `${library}.backup`);

  await fresh.start();
  await fresh.sql(`create database "${library}"`);
  const restore = `base64 -d | PGPASSFILE=/tmp/pass pg_restore -w -h /tmp -U postgres -d ${library} --exit-on-error`;
  await fresh.bash(restore, { input: readFileSync(path).toString("base64") });
  expect(await fresh.sql(sum, library)).toBe(before);

  // The old copy does not follow another server, so nothing is lost by mistake.
  await until("the standby refuses the new Mac", async () =>
    /"blocked","detail":"[^"]*another cluster|cut off/.test(await health()),
  );
  await destroyWithoutPrimary();
  await ok("docker", ["volume", "rm", stack.container("standby-data")]);
  await configure(fresh);
  await stack.up("--refresh");
  // Another Mac, another password.
  const renewed = (await stack.outputsOfSuperuser({ name: "postgres", password: fresh.password }))
    .connections[library].standby as string;
  await until(
    "the new standby has it all",
    async () => (await sql(renewed, sum))[0].sum === before,
    300,
  );
});
