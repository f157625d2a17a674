import { program } from "../../../scripts/cli/program";
import type { Servers } from "../../../scripts/cli/servers/servers";
import type { StackOutputs } from "../../../scripts/cli/stack/outputs";

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
const everything: StackOutputs = { primary, pooler };

interface Faked {
  stack?: StackOutputs;
  servers?: Partial<Servers>;
  signal?: AbortSignal;
}

/** Runs the command with servers that do as told, and returns what happened in which order. */
async function run(words: string[], { stack = everything, servers = {}, signal }: Faked = {}) {
  const did: string[] = [];
  const printed: string[] = [];
  const progress: string[] = [];
  const fake: Servers = {
    hold: () => Promise.resolve(true),
    release: () => Promise.resolve(),
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

const order = ["checkpoint primary", "hold pooler for 60 s", "clients primary", "restart primary"];

describe("restart-primary", () => {
  it("restarts while the pooler's clients wait, and says for how long and who was cut", async () => {
    const { did, printed, error } = await run(["restart-primary"], {
      servers: { clients: () => Promise.resolve(3) },
    });
    expect(error).toBeUndefined();
    expect(did).toEqual([...order, "release pooler"]);
    expect(printed).toBe(
      [
        "laterbase-dev-primary was restarted in 0.0 s.",
        "The pooler's clients waited for 0.0 s, and none of them was cut.",
        "3 connections that did not come through a held pool were cut.",
      ].join("\n"),
    );
  });

  it("says the same to a machine", async () => {
    const { printed } = await run(["restart-primary", "--json", "--wait", "5"]);
    expect(JSON.parse(printed)).toEqual({
      primary: "laterbase-dev-primary",
      cut: 0,
      heldSeconds: expect.any(Number),
      seconds: expect.any(Number),
    });
  });

  it("cuts its clients where there is no pooler, and says so", async () => {
    const { did, printed } = await run(["restart-primary"], {
      stack: { primary },
      servers: { clients: () => Promise.resolve(1) },
    });
    expect(did).toEqual(["checkpoint primary", "clients primary", "restart primary"]);
    expect(printed).toMatch(/No pooler kept its clients waiting\.\n1 connection was cut\.$/);
  });

  it("releases nothing where every entry is in session mode", async () => {
    const hold = () => Promise.resolve(false);
    const { did, printed } = await run(["restart-primary"], { servers: { hold } });
    expect(did).toEqual(order);
    expect(printed).toContain("No pooler kept its clients waiting.");
  });

  it("touches nothing when transactions do not end, unless told not to wait for them", async () => {
    const hold = () => Promise.reject(new Error('"app" has a transaction of 75 s.'));
    const patient = await run(["restart-primary", "--wait", "5"], { servers: { hold } });
    expect(patient.did).toEqual(["checkpoint primary", "hold pooler for 5 s"]);
    expect(patient.error).toBe(
      "\"app\" has a transaction of 75 s. Nothing was restarted; 'npm run laterbase -- restart-primary --now' does not wait for them.",
    );
    const now = await run(["restart-primary", "--now"], { servers: { hold } });
    expect(now.did.at(-1)).toBe("restart primary");
    expect(now.progress).toContain('"app" has a transaction of 75 s. They are not waited for.');
  });

  it("releases the pooler when the restart fails, and says how when that fails as well", async () => {
    const restart = () => Promise.reject(new Error("It ended with exit code 1."));
    const failed = await run(["restart-primary"], { servers: { restart } });
    expect(failed.did).toEqual([...order, "release pooler"]);
    expect(failed.error).toBe("It ended with exit code 1.");
    const release = () => Promise.reject(new Error("It does not answer."));
    expect((await run(["restart-primary"], { servers: { release } })).error).toBe(
      "It does not answer. 'npm run laterbase -- release-pooler' tries it again.",
    );
  });

  it("restarts a primary that does not answer any more, too", async () => {
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
    ["the wait for transactions", "hold", order.slice(0, 2)],
    ["the restart", "restart", [...order, "release pooler"]],
  ])("ends with the pooler released when it is interrupted during %s", async (_, during, did) => {
    const abort = new AbortController();
    const interrupted = await run(["restart-primary"], {
      signal: abort.signal,
      servers: {
        [during]: () => {
          abort.abort();
          if (during === "restart") return new Promise(() => undefined);
          return during === "hold" ? Promise.reject(new Error("aborted")) : Promise.resolve(true);
        },
      },
    });
    expect(interrupted.did).toEqual(did);
    const restarts = during === "restart";
    expect(interrupted.error).toBe(
      `Interrupted: ${restarts ? "laterbase-dev-primary restarts all the same" : "nothing was restarted"}.`,
    );
  });

  it("leaves somebody else's primary alone, and names the two halves", async () => {
    const external = { ...primary };
    delete (external as { container?: string }).container;
    const { did, error } = await run(["restart-primary", "--stack", "prod"], {
      stack: { primary: external, pooler },
    });
    expect(did).toEqual([]);
    expect(error).toBe(
      "The primary of the stack prod is not Laterbase's to restart: restart it where it runs: " +
        "'npm run laterbase -- hold-pooler --stack prod' lets the pooler's clients wait meanwhile, " +
        "and 'npm run laterbase -- release-pooler --stack prod' lets them go on.",
    );
    expect((await run(["restart-primary"], { stack: { primary: external } })).error).toMatch(
      /restart it where it runs\.$/,
    );
  });

  it.each(["0", "101", "1.5", "soon"])("takes no --wait of %s", async (wait) => {
    const { did, error } = await run(["restart-primary", "--wait", wait]);
    expect([did, error]).toEqual([[], expect.stringContaining("from 1 to 100")]);
  });
});

describe("the halves for somebody else's primary", () => {
  it("hold and release", async () => {
    const held = await run(["hold-pooler", "--wait", "7"]);
    expect(held.did).toEqual(["hold pooler for 7 s"]);
    expect(held.printed).toContain("npm run laterbase -- release-pooler");
    expect((await run(["release-pooler"])).did).toEqual(["release pooler"]);
    const hold = () => Promise.resolve(false);
    expect((await run(["hold-pooler"], { servers: { hold } })).error).toMatch(/nothing to hold/);
  });

  it("need a pooler", async () => {
    for (const command of ["hold-pooler", "release-pooler"]) {
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
    ["PgBouncer's console", "postgresql://laterbase_admin:a%40b@127.0.0.1:6432/pgbouncer"],
    ["", "to look only", "postgresql://laterbase_stats:a%40b@127.0.0.1:6432/pgbouncer"],
    [""],
    ["pgAdmin", "http://127.0.0.1:5050"],
    ["", "e-mail", "me@example.com"],
    ["", "password", "pga"],
  ]);
  expect(JSON.parse((await run(["credentials", "--json"], { stack })).printed)).toEqual({
    connections: {},
    pooler: { admin: pooler.admin, stats: pooler.stats },
    pgAdmin,
  });
});
