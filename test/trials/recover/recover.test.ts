import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { EnginesRefuse } from "../../../scripts/wrapper/adopt";
import { Guard } from "../../../scripts/wrapper/guard";
import type { PlannedStep } from "../../../scripts/wrapper/recover";
import { doAll, ok, run, until } from "../../support/process";
import { checksums, sql, Stack } from "../../support/stack";

// A small stack whose runs fail, are killed, or lose what they need. Nothing of it is ever lost.
const name = "t-recover";
const stack = new Stack(name);
const [primary, standby] = [stack.container("primary"), stack.container("standby")];
const config = (port: number) => ({
  primary: { kind: "managed", version: 17, port: 18141, databases: ["rows"] } as const,
  standbys: [{ name: "standby", port }],
});
jest.setTimeout(600_000);

const uri = async (): Promise<string> => {
  const { connections } = await stack.outputsOfSuperuser();
  return connections.rows.direct as string;
};
const clone = () =>
  ok("docker", [
    "exec",
    standby,
    "stat",
    "-c",
    "%W %i",
    "/var/lib/postgresql/standby/data/PG_VERSION",
  ]);
const idOf = async (container: string) =>
  (await ok("docker", ["inspect", "-f", "{{.Id}}", container])).trim();
const begin = (steps?: PlannedStep[], own = false) =>
  Guard.begin({ project: "laterbase", stack: name, steps, adopt: own, refreshes: false });
const said: string[] = [];
const say = (sentence: string) => void said.push(sentence);
const isSame = async () => {
  await stack.preview("--expect-no-changes");
  await until("the standby works", async () => {
    const { code } = await run("docker", ["exec", standby, "laterbase-health"]);
    return code === 0;
  });
};

/** Waits until the engine reports this of the standby's container. */
async function standbyEvent(action: string): Promise<void> {
  const filter = ["--filter", `container=${standby}`, "--filter", `event=${action}`];
  const events = spawn("docker", ["events", ...filter, "--format", "{{.Action}}"]);
  await new Promise<void>((done) => events.stdout.once("data", () => done()));
  events.kill();
}

let before: Record<string, string>;
let first: string;

beforeAll(async () => {
  await stack.configure(config(18142));
  await stack.up();
  Object.assign(process.env, stack.env);
  await sql(
    await uri(),
    "create table t as select g, md5(g::text) from generate_series(1, 20000) g",
  );
  before = await checksums(await uri());
  first = await clone();
});
// Once the lost state is replaced, the old one has passwords that are no longer in force.
let owner = stack;
afterAll(
  () =>
    doAll(
      () => owner.remove(),
      // The documented commands make it without a label.
      () => run("docker", ["volume", "rm", "--force", `${primary}-data`]),
      () => rmSync(stack.folder, { recursive: true, force: true }),
    ),
  300_000,
);
afterEach(() => void said.splice(0));

describe("a replacement that fails", () => {
  /** Runs `up`, and takes the port of the new container as soon as the old one is gone: no look sees that. */
  async function failingUp(port: number): Promise<() => void> {
    const taken = createServer();
    const removed = standbyEvent("destroy");
    const up = stack.pulumi(["up", "--yes", "--skip-preview"]);
    await removed;
    taken.listen(port, "127.0.0.1");
    const { code, stdout, stderr } = await up;
    expect([code === 0, stdout + stderr]).toEqual([false, expect.stringContaining(String(port))]);
    return () => taken.close();
  }

  it("leaves the container of before running, with its data", async () => {
    const files = () => ok("docker", ["exec", standby, "md5sum", "/etc/laterbase/postgresql.conf"]);
    const conf = await files();
    await stack.configure(config(18143));
    const guard = await begin();
    await guard.clear(say);
    const free = await failingUp(18143);
    expect(await guard.recover([], say)).toEqual([
      {
        name: standby,
        works: true,
        sentence: `${standby} runs again as before, with its settings, files and data.`,
      },
    ]);
    free();
    expect(await ok("docker", ["port", standby])).toMatch(/127\.0\.0\.1:18142/);
    expect([await files(), await clone()]).toEqual([conf, first]);
  });

  it("is replaced by the next run, which removes the one that was made again", async () => {
    const guard = await begin();
    await guard.clear(say);
    expect(said).toEqual([
      `An earlier run left the container ${standby}, which the state does not know. The volumes stay.`,
    ]);
    await stack.up();
    await isSame();
    expect(await clone()).toBe(first);
    expect(await ok("docker", ["port", standby])).toMatch(/127\.0\.0\.1:18143/);
  });

  it("is replaced by plain pulumi too, with Laterbase's own plugins", async () => {
    await stack.configure(config(18144));
    const guard = await begin();
    const free = await failingUp(18144);
    await guard.recover([], say);
    free();
    await stack.up();
    await isSame();
    expect(await clone()).toBe(first);
  });
});

describe("a run that is killed", () => {
  let port = 18150;

  /** Kills every process of a run as soon as the engine reports this event. */
  async function killedAt(action: string): Promise<void> {
    port += 1;
    await stack.configure(config(port));
    const happened = standbyEvent(action);
    const up = spawn(
      "pulumi",
      [
        "up",
        "--yes",
        "--skip-preview",
        "--config-file",
        join(stack.folder, "stack.yaml"),
        "--stack",
        name,
      ],
      {
        cwd: resolve(__dirname, "../../.."),
        env: { ...process.env, ...stack.env },
        stdio: "ignore",
      },
    );
    await happened;
    await kill(up);
    await stack.must(["cancel", "--yes"]);
  }

  /** The process with all that it started, the oldest first. */
  async function kill(child: ChildProcess): Promise<void> {
    const tree = async (pid: string): Promise<string[]> => {
      const { stdout } = await run("ps", ["-o", "pid=", "--ppid", pid]);
      const below = await Promise.all(
        stdout
          .split("\n")
          .filter(Boolean)
          .map((one) => tree(one.trim())),
      );
      return [pid, ...below.flat()];
    };
    const ended = new Promise((done) => child.once("exit", done));
    for (const pid of await tree(String(child.pid))) await run("kill", ["-KILL", pid]);
    await ended;
  }

  it.each(["destroy", "create", "start"])(
    "at the %s of a container is finished by the next one",
    async (action) => {
      await killedAt(action);
      const guard = await begin();
      await guard.forget();
      await guard.clear(say);
      await stack.up();
      await isSame();
      expect(await clone()).toBe(first);
      expect(await ok("docker", ["port", standby])).toContain(`:${port}`);
      expect(JSON.parse(await stack.state()).deployment.pending_operations ?? []).toEqual([]);
    },
  );

  it("at the create of a container is finished by plain pulumi too", async () => {
    await killedAt("create");
    await stack.up();
    await isSame();
    expect(await clone()).toBe(first);
  });
});

describe("a managed primary whose volume is gone", () => {
  const volume = `${primary}-data`;
  /** The first commands of the page's section, as somebody would type them. */
  function documented(): string {
    const file = resolve(__dirname, "../../../docs/tasks/primary-died.md");
    const [, section = ""] = readFileSync(file, "utf8").split("### The standby's data\n");
    const [, commands = ""] = /```bash\n([\s\S]*?)```/.exec(section) ?? [];
    return commands
      .replaceAll("laterbase-dev-", `laterbase-${name}-`)
      .replaceAll("npm start\n", "");
  }

  it("stops every run before an empty one is made, and says where the data are", async () => {
    await ok("docker", ["rm", "--force", primary]);
    await ok("docker", ["volume", "rm", volume]);
    const failed = await stack.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toContain(
      `There are copies: the standby "standby" (volume ${standby}-data).`,
    );
    expect((await run("docker", ["volume", "inspect", volume])).code).not.toBe(0);
  });

  it("has every row again by the documented commands, and its standby goes on", async () => {
    await ok("bash", ["-euc", documented()]);
    await stack.up("--refresh");
    // The page's second run. It repairs nothing here, because the container was gone.
    await stack.up();
    await isSame();
    expect(await checksums(await uri())).toEqual(before);
    expect(await clone()).toBe(first);
  });
});

describe("a lost state", () => {
  const other = new Stack(name);
  const old = { ...stack.env };
  afterAll(() => Object.assign(process.env, old));

  it("stops the run, changes nothing and says what to do", async () => {
    const ids = [await idOf(primary), await idOf(standby)];
    await other.configure(config(port()));
    Object.assign(process.env, other.env);
    const refused = await begin().catch((error: Error) => error);
    expect(refused).toBeInstanceOf(EnginesRefuse);
    expect((refused as Error).message).toMatch(
      /^The state of stack t-recover is empty, and Docker has/,
    );
    expect([await idOf(primary), await idOf(standby)]).toEqual(ids);
  });

  it("is adopted with every row, and the standby goes on with its data", async () => {
    // As `npm start` does, which also refreshes.
    const words = ["up", "--yes", "--refresh", "--adopt", "--stack", name];
    const ran = await run(
      "node",
      [
        ...["--require", "tsx/cjs", "scripts/wrapper/main.ts", ...words],
        ...["--config-file", join(other.folder, "stack.yaml")],
      ],
      {
        cwd: resolve(__dirname, "../../.."),
        env: { ...other.env, XDG_DATA_HOME: join(other.folder, "data") },
      },
    );
    owner = other;
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([
      0,
      expect.stringMatching(
        /New secrets are drawn\.[^]*The primary starts on its volume\.[^]*Laterbase is up/,
      ),
    ]);
    await other.up();
    const { connections } = await other.outputsOfSuperuser();
    expect(await checksums(connections.rows.direct)).toEqual(before);
    await other.preview("--expect-no-changes");
    expect(await clone()).toBe(first);
    await until("the standby streams", async () => {
      const rows = await sql(
        connections.rows.direct,
        "select 1 from pg_stat_replication where state = 'streaming'",
      );
      return rows.length === 1;
    });
  });

  const port = () => 18154;
});
