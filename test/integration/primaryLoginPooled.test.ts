import { inTrials } from "../support/cases";
import { program } from "../../scripts/cli/program";
import { servers } from "../../scripts/cli/servers/servers";
import type { KnownOutputs } from "../../scripts/cli/stack/outputs";
import { run, until } from "../support/process";
import { type Answer, caughtUp } from "../support/imageLab";
import { PoolerLab } from "../support/poolerLab";

// What `up` and the operator's command do to a managed primary while applications work through the
// pooler. pgbench ends a client at its first error, so a client that ends well had none.
jest.setTimeout(600_000);

const lab = new PoolerLab();
const busy = ["-n", "-c", "16", "-j", "1", "-T", "20", "-M", "prepared"];
// Clients that think between their transactions: one may come back at any moment.
const calm = ["-n", "-c", "50", "-j", "1", "-T", "30", "-R", "15"];

beforeAll(async () => {
  await lab.open(["app", "jobs"]);
  await lab.primary.bash("pgbench -h /run/pg/primary -U postgres -iq -s 2 app");
  await caughtUp(lab.primary, lab.standby);
  await lab.apply(lab.files({ databases: { jobs: { mode: "session" } } }, ["app", "jobs"]));
}, 600_000);
afterAll(() => lab.dispose(), 600_000);

/** pgbench in a container beside the primary, because it must survive the primary's restart. */
function pgbench(database: string, ...options: string[]): Promise<Answer> {
  const uri = `host=${lab.pooler.name} port=6432 user=postgres dbname=${database}`;
  const script = `PGPASSWORD=$1 exec pgbench "\${@:3}" "$2"`;
  return lab.standby.exec("bash", "-c", script, "-", lab.password, uri, ...options);
}

/** Waits until pgbench's clients have logged in to the pooler. */
async function connected(clients: number): Promise<void> {
  await until(`${clients} clients work`, async () => {
    const all = await lab.show("SHOW CLIENTS");
    return all.filter(({ database }) => String(database).startsWith("app")).length >= clients;
  });
}

function fine({ code, stdout, stderr }: Answer): void {
  expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error|aborted|fail/i)]);
  expect(stdout).toMatch(/number of failed transactions: 0 /);
}

/** Runs the program as the Command of `up` does. The lab uses the new password from then on. */
async function login(password: string) {
  lab.password = password;
  const pooler = { container: lab.pooler.name, userlist: lab.userlist()["userlist.txt"] };
  const words = ["--import", "tsx", "scripts/steps/primaryLogin.ts", lab.primary.name];
  return run(process.execPath, words, {
    input: JSON.stringify({ password, pooler }),
    env: { LATERBASE_ENGINE: "" },
  });
}

describe("the superuser's password", () => {
  // The whole stack changes it under load as well.
  if (inTrials()) {
    it("is changed under load on both servers, and no transaction fails", async () => {
      const before = lab.password;
      // A client that logs in after the change would be refused, and rightly. The calm ones work for longer
      // than the others need to log in.
      const working = [pgbench("app", ...calm, "-S"), pgbench("app_ro", ...calm, "-S")];
      await connected(100);
      working.push(pgbench("app", ...busy, "-N"));
      await connected(116);
      const begun = Date.now();
      expect(await login(`rotated "by" \\ 'up'`)).toMatchObject({
        code: 0,
        stdout: "The superuser's password is set, and the pooler knows it.\n",
        stderr: "",
      });
      expect(Date.now() - begun).toBeLessThan(60_000);
      for (const done of await Promise.all(working)) fine(done);
      expect(await lab.ask("app", "select 1")).toBe(1);
      await expect(lab.ask("app", "select 1", { password: before })).rejects.toThrow();
    });
  }

  it("is changed although a report on the standby, or a transaction on the primary, goes on", async () => {
    for (const [database, late] of [
      ["app_ro", ["app_ro"]],
      ["app", ["app", "app"]],
    ] as const) {
      const client = await lab.client(database);
      await client.query("begin; select 1");
      const said = await login(`rotated beside ${database}`);
      expect(said.code).toBe(0);
      const sentences = said.stderr.trim().split("\n");
      expect(sentences).toHaveLength(late.length);
      for (const [i, name] of late.entries()) {
        expect(sentences[i]).toContain(`the database "${name}" could not be paused within 10 s`);
      }
      // Its connection was not cut.
      await client.query("commit");
      await client.end();
      expect(await lab.ask("app", "select 1")).toBe(1);
    }
  });

  it("is set also when the pooler is not there; the step fails then, so that the next up tries again", async () => {
    const pooler = { container: "lbt-nowhere", userlist: "" };
    const said = await run(
      process.execPath,
      ["--import", "tsx", "scripts/steps/primaryLogin.ts", lab.primary.name],
      { input: JSON.stringify({ password: "alone", pooler }), env: { LATERBASE_ENGINE: "" } },
    );
    expect(said).toMatchObject({ code: 1, stdout: "The superuser's password is set.\n" });
    expect(said.stderr).toContain("The pooler lbt-nowhere has no new configuration");
    await login("together again");
    expect(await lab.ask("app", "select 1")).toBe(1);
  });
});

describe("restart-primary", () => {
  const outputs = (): KnownOutputs => ({
    primary: { host: "h", port: 1, version: 17, databases: [], container: lab.primary.name },
    pooler: {
      ...{ host: "h", port: 1, mode: "transaction", container: lab.pooler.name },
      ...{ admin: { name: "", password: "" }, stats: { name: "", password: "" } },
    },
  });

  async function command(words: string[], signal?: AbortSignal) {
    const printed: string[] = [];
    const progress: string[] = [];
    const root = program({
      readOutputs: () => Promise.resolve(outputs()),
      askAgent: () => Promise.reject(new Error("no agent is asked")),
      servers,
      terminal: { print: (text) => printed.push(text), progress: (line) => progress.push(line) },
      ...(signal ? { signal } : {}),
    });
    const error = await root
      .parseAsync([...words, "--json"], { from: "user" })
      .then(() => undefined)
      .catch((thrown: Error) => thrown.message);
    const result = (printed[0] ? JSON.parse(printed[0]) : {}) as Record<string, number>;
    return { error, progress, result };
  }

  const started = () => lab.primary.sql("SELECT pg_postmaster_start_time()");
  const held = async () =>
    (await lab.show("SHOW DATABASES")).filter(({ paused }) => Number(paused) === 1);

  it("restarts under load without an error, cuts sessions, and says how long it took", async () => {
    const before = await started();
    const session = await lab.client("jobs");
    const cut = new Promise((resolve) => session.on("error", resolve));
    await session.query("select 1");
    const working = [pgbench("app", ...calm, "-S")];
    await connected(50);
    working.push(pgbench("app", ...busy, "-N"));
    await connected(66);
    const { error, result, progress } = await command(["restart-primary"]);
    expect([error, progress.at(-1)]).toEqual([undefined, `${lab.primary.name}: running`]);
    expect(await started()).not.toBe(before);
    expect(result).toMatchObject({ primary: lab.primary.name, cut: 1 });
    console.log(`restart-primary paused for ${result["pausedSeconds"]} s`);
    expect(result["pausedSeconds"]).toBeLessThan(20);
    for (const done of await Promise.all(working)) fine(done);
    expect(await lab.ask("app", "select 1")).toBe(1);
    expect(String(await cut)).toMatch(/terminat|closed/i);
    expect(await held()).toEqual([]);
  });

  it("touches nothing while a transaction goes on, and cuts it when told to", async () => {
    const before = await started();
    const client = await lab.client("app");
    await client.query("begin; select 1");
    const patient = await command(["restart-primary", "--wait", "2"]);
    expect(patient.error).toMatch(
      /the database "app" could not be paused within 2 s: .*\. Nothing was restarted; .*--now/,
    );
    expect(await started()).toBe(before);
    expect(await held()).toEqual([]);
    const now = await command(["restart-primary", "--now"]);
    expect(now.error).toBeUndefined();
    expect(await started()).not.toBe(before);
    await expect(client.query("select 1")).rejects.toThrow();
    expect(await lab.ask("app", "select 1")).toBe(1);
  });

  it("lets the clients continue when the operator interrupts it", async () => {
    const client = await lab.client("app");
    await client.query("begin; select 1");
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 2000);
    const { error } = await command(["restart-primary", "--wait", "60"], abort.signal);
    expect(error).toBe("Interrupted: nothing was restarted.");
    expect(await held()).toEqual([]);
    await client.query("commit");
    await client.end();
    expect(await lab.ask("app", "select 1")).toBe(1);
  });

  it("pauses and resumes the pooler while an external primary restarts", async () => {
    expect((await command(["pause-pooler", "--wait", "5"])).result).toEqual({
      paused: lab.pooler.name,
    });
    expect((await held()).map(({ name }) => name as string)).toContain("app");
    await lab.primary.container.restart({ t: 30 });
    const waiting = lab.ask("app", "select 2");
    await lab.primary.until("running");
    await command(["resume-pooler"]);
    expect(await waiting).toBe(2);
  });
});
