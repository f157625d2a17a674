import { summary } from "../../../scripts/cli/commands/restartPrimary";
import { program } from "../../../scripts/cli/program";
import type { Servers } from "../../../scripts/cli/servers/servers";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";

const login = { name: "laterbase_admin", password: "a@b" };
const pooler = {
  ...{ host: "127.0.0.1", port: 6432, mode: "transaction", dockerHost: "ssh://nas" },
  ...{
    container: "laterbase-dev-pooler",
    admin: login,
    stats: { ...login, name: "laterbase_stats" },
  },
};
const primary = {
  ...{ host: "h", port: 5432, version: 17, databases: ["app"], dockerHost: "ssh://nas" },
  container: "laterbase-dev-primary",
};
const everything: KnownOutputs = { primary, pooler };

interface Faked {
  stack?: KnownOutputs;
  servers?: Partial<Servers>;
  signal?: AbortSignal;
}

/** Runs the command with fake servers, and returns what happened, in its order. */
async function run(words: string[], { stack = everything, servers = {}, signal }: Faked = {}) {
  const did: string[] = [];
  const printed: string[] = [];
  const progress: string[] = [];
  const fake: Partial<Servers> = {
    pause: () => Promise.resolve(true),
    resume: () => Promise.resolve(),
    checkpoint: () => Promise.resolve(),
    clients: () => Promise.resolve(0),
    restart: () => Promise.resolve(),
    preflight: () => Promise.resolve({ findings: [] }),
    ...servers,
  };
  const watched = Object.fromEntries(
    Object.entries(fake).map(([name, work]) => [
      name,
      (place: { name: string; host?: string }, more: { seconds?: number } = {}) => {
        expect(place.host).toBe("ssh://nas");
        const detail = more.seconds ? ` for ${more.seconds} s` : "";
        did.push(`${name} ${place.name.replace("laterbase-dev-", "")}${detail}`);
        return (work as (...args: unknown[]) => Promise<unknown>)(place, more);
      },
    ]),
  ) as unknown as Servers;
  const root = program({
    readOutputs: () => Promise.resolve(stack),
    readSuperuser: () => Promise.resolve({ name: "postgres" }),
    askAgent: () => Promise.reject(new Error("no agent is asked")),
    servers: watched,
    terminal: { print: (text) => printed.push(text), progress: (line) => progress.push(line) },
    ...(signal ? { signal } : {}),
  });
  for (const command of [root, ...root.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  const error = await root.parseAsync(words, { from: "user" }).then(
    () => undefined,
    (thrown: Error) => thrown.message,
  );
  return { did, printed: printed.join("\n"), progress, error };
}

const order = ["checkpoint primary", "pause pooler for 60 s", "clients primary", "restart primary"];

describe("restart-primary", () => {
  it("restarts while the pooler's clients wait, and reports the wait and the lost connections", async () => {
    const { did, printed, error } = await run(["restart-primary"], {
      servers: { clients: () => Promise.resolve(3) },
    });
    expect(error).toBeUndefined();
    expect(did).toEqual([...order, "resume pooler"]);
    expect(printed.replace(/\d+\.\d s/g, "N s")).toBe(
      [
        "laterbase-dev-primary was restarted in N s.",
        "The pooler's clients waited for N s, and none of them lost its connection.",
        "3 connections outside of the paused pools were ended.",
      ].join("\n"),
    );
  });

  it("reports the same as JSON", async () => {
    const { printed } = await run(["restart-primary", "--json", "--wait", "5"]);
    expect(JSON.parse(printed)).toEqual({
      primary: "laterbase-dev-primary",
      cut: 0,
      pausedSeconds: expect.any(Number),
      seconds: expect.any(Number),
    });
  });

  it("ends the clients' connections where there is no pooler, and reports them", async () => {
    const { did, printed } = await run(["restart-primary"], {
      stack: { primary },
      servers: { clients: () => Promise.resolve(1) },
    });
    expect(did).toEqual(["checkpoint primary", "clients primary", "restart primary"]);
    expect(printed).toMatch(/No clients waited in a pooler\.\n1 connection was ended\.$/);
  });

  it("says both what failed and that the clients still wait", async () => {
    const failing = (sentence: string) => () => Promise.reject(new Error(sentence));
    const { error } = await run(["restart-primary"], {
      servers: { restart: failing("It is broken."), resume: failing("No engine answers.") },
    });
    expect(error).toBe(
      "It is broken. No engine answers. Try again with 'npm run laterbase -- resume-pooler'.",
    );
  });

  it("claims no kept connection where clients waited for too long", () => {
    const said = (pausedSeconds: number) =>
      summary({ primary: "p", cut: 0, seconds: 1, pausedSeconds });
    expect(said(119)).toContain("and none of them lost its connection.");
    expect(said(120)).toContain("and those that waited for two minutes were disconnected.");
  });

  it("resumes nothing where every database is in session mode", async () => {
    const pause = () => Promise.resolve(false);
    const { did, printed } = await run(["restart-primary"], { servers: { pause } });
    expect(did).toEqual(order);
    expect(printed).toContain("No clients waited in a pooler.");
  });

  it("changes nothing when transactions do not finish, unless --now allows it", async () => {
    const pause = () => Promise.reject(new Error('"app" has a transaction of 75 s.'));
    const patient = await run(["restart-primary", "--wait", "5"], { servers: { pause } });
    expect(patient.did).toEqual(["checkpoint primary", "pause pooler for 5 s"]);
    expect(patient.error).toBe(
      "\"app\" has a transaction of 75 s. Nothing was restarted; 'npm run laterbase -- restart-primary --now' does not wait for them.",
    );
    const now = await run(["restart-primary", "--now"], { servers: { pause } });
    expect(now.did.at(-1)).toBe("restart primary");
    expect(now.progress).toContain(
      '"app" has a transaction of 75 s. The restart does not wait for them.',
    );
  });

  it("resumes the pooler when the restart fails, and names the command when that fails too", async () => {
    const restart = () => Promise.reject(new Error("It ended with exit code 1."));
    const failed = await run(["restart-primary"], { servers: { restart } });
    expect(failed.did).toEqual([...order, "resume pooler"]);
    expect(failed.error).toBe("It ended with exit code 1.");
    const resume = () => Promise.reject(new Error("It does not answer."));
    expect((await run(["restart-primary"], { servers: { resume } })).error).toBe(
      "It does not answer. Try again with 'npm run laterbase -- resume-pooler'.",
    );
  });

  it("restarts a primary that does not answer", async () => {
    const checkpoint = () => Promise.reject(new Error("It is not running."));
    const clients = () => Promise.reject(new Error("It is not running."));
    const { did, progress, error } = await run(["restart-primary"], {
      servers: { checkpoint, clients },
    });
    expect([did.at(-2), error]).toEqual(["restart primary", undefined]);
    expect(progress).toContain("It is not running.");
  });

  it.each([
    ["the checkpoint", "checkpoint", ["checkpoint primary"]],
    ["the wait for transactions", "pause", order.slice(0, 2)],
    ["the restart", "restart", [...order, "resume pooler"]],
  ])("leaves the pooler running when it is interrupted during %s", async (_, during, did) => {
    const abort = new AbortController();
    const interrupted = await run(["restart-primary"], {
      signal: abort.signal,
      servers: {
        [during]: () => {
          abort.abort();
          if (during === "restart") return new Promise(() => undefined);
          return during === "pause" ? Promise.reject(new Error("aborted")) : Promise.resolve(true);
        },
      },
    });
    expect(interrupted.did).toEqual(did);
    const restarts = during === "restart";
    expect(interrupted.error).toBe(
      `Interrupted: ${restarts ? "the restart of laterbase-dev-primary continues" : "nothing was restarted"}.`,
    );
  });

  it("refuses an external primary, and names the commands for its pooler", async () => {
    const external = { ...primary };
    delete (external as { container?: string }).container;
    const { did, error } = await run(["restart-primary", "--stack", "prod"], {
      stack: { primary: external, pooler },
    });
    expect(did).toEqual([]);
    expect(error).toBe(
      "The primary of the stack prod is external, and Laterbase cannot restart it: restart it on its own machine. " +
        "'npm run laterbase -- pause-pooler --stack prod' makes the pooler's clients wait meanwhile, " +
        "and 'npm run laterbase -- resume-pooler --stack prod' lets them continue.",
    );
    expect((await run(["restart-primary"], { stack: { primary: external } })).error).toMatch(
      /restart it on its own machine\.$/,
    );
  });

  it.each(["0", "101", "1.5", "soon"])("refuses --wait %s", async (wait) => {
    const { did, error } = await run(["restart-primary", "--wait", wait]);
    expect([did, error]).toEqual([[], expect.stringContaining("from 1 to 100")]);
  });
});

describe("pause-pooler and resume-pooler", () => {
  it.each([
    ["pause-pooler", "resume-pooler"],
    ["hold-pooler", "release-pooler"],
  ])("work by the names %s and %s", async (pauseName, resumeName) => {
    const paused = await run([pauseName, "--wait", "7"]);
    expect(paused.did).toEqual(["pause pooler for 7 s"]);
    expect(paused.printed).toContain("npm run laterbase -- resume-pooler");
    const resumed = await run([resumeName, "--json"]);
    expect(resumed.did).toEqual(["resume pooler"]);
    expect(JSON.parse(resumed.printed)).toEqual({ resumed: "laterbase-dev-pooler" });
    const json = await run([pauseName, "--json"]);
    expect(JSON.parse(json.printed)).toEqual({ paused: "laterbase-dev-pooler" });
  });

  it("fail where every database is in session mode", async () => {
    const pause = () => Promise.resolve(false);
    const { error } = await run(["pause-pooler"], { servers: { pause } });
    expect(error).toMatch(/nothing to pause/);
  });

  it("need a pooler", async () => {
    for (const command of ["pause-pooler", "resume-pooler"]) {
      expect((await run([command], { stack: { primary } })).error).toBe(
        "The stack dev has no pooler: set laterbase:pooler in Pulumi.dev.yaml and bring it up.",
      );
    }
  });
});

it("shows the logins of the pooler's console and of pgAdmin", async () => {
  const pgAdmin = { url: "http://127.0.0.1:5050", email: "me@example.com", password: "pga" };
  const stack = { connections: {}, pooler, pgAdmin };
  const { printed } = await run(["credentials"], { stack });
  expect(printed.split("\n").map((line) => line.split(/  +/))).toEqual([
    ["superuser", "postgres"],
    ["", "password", "none"],
    [""],
    ["PgBouncer's console", "postgresql://laterbase_admin:a%40b@127.0.0.1:6432/pgbouncer"],
    ["", "read only", "postgresql://laterbase_stats:a%40b@127.0.0.1:6432/pgbouncer"],
    [""],
    ["pgAdmin", "http://127.0.0.1:5050"],
    ["", "e-mail", "me@example.com"],
    ["", "password", "pga"],
  ]);
  expect(JSON.parse((await run(["credentials", "--json"], { stack })).printed)).toEqual({
    superuser: { name: "postgres" },
    connections: {},
    pooler: { admin: pooler.admin, stats: pooler.stats },
    pgAdmin,
  });
});
