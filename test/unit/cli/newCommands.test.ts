import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../scripts/cli/main";
import { sinceOf } from "../../../scripts/cli/commands/logs";
import { doctorText } from "../../../scripts/cli/commands/doctor";
import { findings } from "../../../scripts/cli/doctor/findings";
import type { PsqlPlace } from "../../../scripts/cli/servers/psqlShell";
import type { Connections } from "../../../scripts/cli/session";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";
import type { ExportedState } from "../../../scripts/cli/stack/exportedState";

const provider = "urn:pulumi:dev::laterbase::pulumi:providers:docker::nas";
const container = (role: string, more: object = {}) => ({
  urn: `urn:pulumi:dev::laterbase::docker:index/container:Container::${role}`,
  type: "docker:index/container:Container",
  inputs: {
    name: `laterbase-dev-${role}`,
    labels: [{ label: "laterbase.role", value: role }],
    envs: ["SUPERUSER=postgres"],
  },
  ...more,
});
const state: ExportedState = {
  deployment: {
    resources: [
      { urn: provider, type: "pulumi:providers:docker", inputs: { host: "ssh://nas" } },
      container("primary"),
      container("standby", { provider: `${provider}::id` }),
      container("pooler"),
      container("agent"),
    ],
  },
};
const outputs: KnownOutputs = {
  primary: {
    host: "127.0.0.1",
    port: 8008,
    version: 17,
    databases: ["app"],
    container: "laterbase-dev-primary",
  },
  pooler: {
    host: "h",
    port: 6432,
    mode: "transaction",
    container: "laterbase-dev-pooler",
  } as never,
  connections: {
    app: {
      direct: "postgresql://jarvis:p%40ss@h:1/app",
      pooled: "postgresql://jarvis:p%40ss@h:2/app",
      internal: { direct: "postgresql://jarvis:p%40ss@primary:5432/app" },
    },
    other: { direct: "postgresql://bob:b@h:1/other" },
  },
};

async function run(
  words: string[],
  {
    known = outputs,
    all = state,
    ...more
  }: { known?: KnownOutputs; all?: ExportedState; servers?: object; looks?: object } = {},
) {
  const printed: string[] = [];
  const said: string[] = [];
  const places: PsqlPlace[] = [];
  const asked: unknown[] = [];
  const connections: Connections = {
    readOutputs: () => Promise.resolve(known),
    readSuperuser: () => Promise.resolve({ name: "admin", password: "s" }),
    readStack: () =>
      Promise.resolve({
        ...{ state: all, plain: known, outputs: () => Promise.resolve(known) },
        open: () => Promise.resolve(undefined),
      }),
    askAgent: () => Promise.reject(new Error("not asked")),
    servers: {
      shell: (place: PsqlPlace) => (places.push(place), Promise.resolve(0)),
      readLog: (...[where, options, each]: [unknown, object, (line: object) => void]) => {
        asked.push([where, options]);
        each({ stream: "stdout", text: "one" });
        each({ stream: "stderr", text: "two" });
        return Promise.resolve();
      },
      pools: (where: unknown) => (
        asked.push(where),
        Promise.resolve({ paused: false, mostClients: 1, pools: [] })
      ),
      ...more.servers,
    } as never,
    ...(more.looks ? { looks: more.looks as never } : {}),
    terminal: { print: (text) => printed.push(text), progress: (line) => said.push(line) },
  };
  const code = await main(["--stack", "dev", ...words], connections);
  return { code, printed: printed.join("\n"), said: said.join("\n"), places, asked };
}

describe("shell", () => {
  const place = async (words: string[], known = outputs, all = state) => {
    const { places, said, code } = await run(["shell", ...words], { known, all });
    expect([code, said]).toEqual([0, ""]);
    return places[0]!;
  };

  it("is the superuser's by the server's own socket, without a password, and with the settings of our sessions", async () => {
    const { options, ...rest } = (await place(["app"])) as PsqlPlace & { isSuperuser: boolean };
    expect(rest).toEqual({
      ...{ container: { name: "laterbase-dev-primary" }, host: "/run/pg/primary", port: 5432 },
      ...{ user: "postgres", database: "app", title: "primary", isSuperuser: true },
    });
    expect(options).toContain("-c search_path=pg_catalog,pg_temp");
    expect(options).toContain("-c event_triggers=off");
    expect(options).not.toContain("client_min_messages");
    expect(options).not.toContain("statement_timeout");
  });

  it("is on the standby's own engine", async () => {
    expect(await place(["app", "--standby"])).toMatchObject({
      ...{
        container: { name: "laterbase-dev-standby", host: "ssh://nas" },
        host: "/run/pg/standby",
        user: "postgres",
      },
    });
  });

  const withSecond = {
    deployment: { resources: [...state.deployment.resources!, container("second")] },
  };

  it("is on the standby of this name, or on the first one of the stack file", async () => {
    const on = async (...words: string[]) => {
      const { title, database } = await place(words, outputs, withSecond);
      return `${title} ${database}`;
    };
    expect(await on("app", "--standby", "second")).toBe("second app");
    expect(await on("app", "--standby=standby")).toBe("standby app");
    expect(await on("app", "--standby")).toBe("standby app");
    // The order that worked before standbys could be named.
    expect(await on("--standby", "app")).toBe("standby app");
    const folder = mkdtempSync(join(tmpdir(), "lbt-shell-"));
    process.env["LATERBASE_STACK_FILE"] = join(folder, "Pulumi.dev.yaml");
    try {
      const text = "config: { laterbase:standbys: [{ name: second }, { name: standby }] }\n";
      writeFileSync(process.env["LATERBASE_STACK_FILE"], text);
      expect(await on("app", "--standby")).toBe("second app");
    } finally {
      delete process.env["LATERBASE_STACK_FILE"];
      rmSync(folder, { recursive: true });
    }
    expect(await on("app", "--standby", "second", "--as", "jarvis")).toBe("jarvis@second app");
  });

  it("is the owner's through the pooler", async () => {
    expect(await place(["app", "--pooled"])).toEqual({
      ...{
        container: { name: "laterbase-dev-pooler" },
        host: "127.0.0.1",
        port: 6432,
        user: "jarvis",
      },
      ...{ password: "p@ss", database: "app", title: "jarvis@pooler", isSuperuser: false },
    });
  });

  it("is an application's with its own rights and settings", async () => {
    expect(await place(["app", "--as", "bob"])).toEqual({
      ...{
        container: { name: "laterbase-dev-primary" },
        host: "127.0.0.1",
        port: 5432,
        user: "bob",
      },
      ...{ password: "b", database: "app", title: "bob@primary", isSuperuser: false },
    });
    expect(await place(["app", "--as", "jarvis", "--standby"])).toMatchObject({
      ...{ container: { name: "laterbase-dev-standby" }, user: "jarvis" },
    });
  });

  const external: KnownOutputs = {
    primary: { host: "192.168.1.20", port: 5433, version: 13, databases: "*" },
    connections: { postgres: { direct: "postgresql://admin:s@h/postgres" } },
  };
  const withoutPrimary = {
    deployment: {
      resources: state.deployment.resources!.filter(({ urn }) => !urn.endsWith("::primary")),
    },
  };

  it("reaches an external primary from the agent's container", async () => {
    expect(await place(["app"], external, withoutPrimary)).toMatchObject({
      ...{
        container: { name: "laterbase-dev-agent" },
        host: "192.168.1.20",
        port: 5433,
        user: "admin",
        password: "s",
      },
    });
  });

  it("names the standbys that there are", async () => {
    const said = async (all: ExportedState) =>
      (await run(["shell", "app", "--standby", "third"], { all })).said;
    expect(await said(withSecond)).toBe(
      'laterbase: The stack dev has no standby "third": choose from second, standby.',
    );
    const { resources = [] } = state.deployment;
    const none = resources.filter(({ urn }) => !urn.endsWith("::standby"));
    expect(await said({ deployment: { resources: none } })).toBe(
      "laterbase: The stack dev has no standby.",
    );
  });

  it.each<[string[], number, RegExp, KnownOutputs?]>([
    [[], 2, /missing required argument 'database'/],
    [["app", "--as", "eve"], 2, /no application "eve": choose from jarvis, bob\./],
    [["none", "--pooled"], 2, /no login for the database "none": it has those of app\./],
    [["app", "--pooled"], 4, /has no pooler: set laterbase:pooler/, { connections: {} }],
    [["app", "--pooled", "--standby"], 2, /cannot be used with/],
    [["app", "--json"], 2, /no JSON/],
  ])("refuses %j", async (words, code, sentence, known = outputs) => {
    const out = jest.spyOn(process.stderr, "write").mockImplementation(() => true);
    const ran = await run(["shell", ...words], { known });
    const all = ran.said + out.mock.calls.map(([text]) => String(text)).join("");
    out.mockRestore();
    expect([ran.code, ran.places]).toEqual([code, []]);
    expect(all + ran.printed).toMatch(sentence);
  });

  it("fails when psql does, which has said why itself", async () => {
    const { code, said } = await run(["shell", "app"], {
      servers: { shell: () => Promise.resolve(2) },
    });
    expect([code, said]).toEqual([1, ""]);
  });
});

describe("logs", () => {
  it("shows the last hundred lines, or everything since a time", async () => {
    const { code, printed, asked } = await run(["logs", "standby"]);
    expect([code, printed]).toEqual([0, "one\ntwo"]);
    expect(asked).toEqual([
      [
        { name: "laterbase-dev-standby", host: "ssh://nas" },
        { tail: 100, follow: false },
      ],
    ]);
    const since = await run(["logs", "laterbase-dev-agent", "--since", "2026-11-29T20:00Z"]);
    expect(since.asked).toEqual([
      [{ name: "laterbase-dev-agent" }, { tail: "all", follow: false, since: 1_795_982_400 }],
    ]);
  });

  it("prints one value for a program", async () => {
    const { printed } = await run(["logs", "agent", "--json"]);
    expect(JSON.parse(printed)).toEqual({
      ...{ role: "agent", container: "laterbase-dev-agent" },
      lines: [
        { stream: "stdout", text: "one" },
        { stream: "stderr", text: "two" },
      ],
    });
    expect(await run(["logs", "agent", "-f", "--json"])).toMatchObject({ code: 2, asked: [] });
    expect((await run(["logs", "agent", "-f"])).said).toBe(
      "The log of laterbase-dev-agent ended: the container stopped, or its engine went away.",
    );
  });

  it("names the roles that there are", async () => {
    const { code, said } = await run(["logs", "standbi"]);
    expect([code, said]).toEqual([
      2,
      'laterbase: The stack dev has no container "standbi": choose from primary, standby, pooler, agent.',
    ]);
  });

  it.each([
    ["90s", 1000 - 90],
    ["10m", 1000 - 600],
    ["2h", 1000 - 7200],
    ["3d", 1000 - 259_200],
    ["1970-01-01T00:10:00Z", 600],
  ])("--since %s", (text, seconds) => expect(sinceOf(text, 1_000_999)).toBe(seconds));

  it.each(["yesterday", "10", "10 m", "-1h", "2026", ""])("--since %j is refused", (text) =>
    expect(() => sinceOf(text)).toThrow(
      /^It must be a time span such as 10m, 2h or 3d, or a time such as \d{4}-\d\d-\d\dT\d\d:\d\dZ\.$/,
    ),
  );
});

describe("connections", () => {
  it("prints every URI, also those from inside the network", async () => {
    const { code, printed } = await run(["connections"]);
    expect([code, printed]).toEqual([
      0,
      [
        "DATABASE  WAY             URI",
        "app       direct          postgresql://jarvis:p%40ss@h:1/app",
        "app       pooled          postgresql://jarvis:p%40ss@h:2/app",
        "app       direct, inside  postgresql://jarvis:p%40ss@primary:5432/app",
        "other     direct          postgresql://bob:b@h:1/other",
      ].join("\n"),
    ]);
    expect(JSON.parse((await run(["connections", "other", "--json"])).printed)).toEqual({
      other: outputs.connections!["other"],
    });
  });

  it("names the databases that there are", async () => {
    const { code, said } = await run(["connections", "nope"]);
    expect([code, said]).toEqual([
      2,
      'laterbase: The stack dev has no URIs of a database "nope": choose from app, other.',
    ]);
    expect((await run(["connections"], { known: {} })).printed).toBe(
      "The stack dev gives no URIs.",
    );
  });
});

it("pools asks the pooler, and is refused where there is none", async () => {
  const { code, printed, asked } = await run(["pools", "--json"]);
  expect([code, JSON.parse(printed), asked]).toEqual([
    0,
    { pooler: "laterbase-dev-pooler", paused: false, mostClients: 1, pools: [] },
    [{ name: "laterbase-dev-pooler" }],
  ]);
  expect(await run(["pools"], { known: {} })).toMatchObject({
    code: 4,
    said: expect.stringContaining("has no pooler: set laterbase:pooler"),
  });
});

describe("doctor", () => {
  const commands = {
    up: "npm start",
    preview: "preview",
    doctor: "doctor",
    preflight: "preflight",
  };
  const nothing = {
    checks: [],
    drift: { changed: {}, unseen: [] },
    looks: { refused: [], unseen: [] },
    preflight: { findings: [] },
  };

  it("says each thing once, the worst first, with what to do", () => {
    const all = findings(
      {
        checks: [
          {
            name: "pooler",
            status: "degraded",
            sentence: "It is paused.",
            command: "resume-pooler",
          },
          { name: "agent", status: "good", sentence: "It answers." },
          { name: "drill", status: "pending", sentence: "There was none yet." },
        ],
        drift: {
          changed: { hba: "our block was changed (seen now)" },
          unseen: ["The primary is away.", "The primary is away."],
        },
        looks: { refused: ["laterbase:pooler.port must be free"], unseen: [] },
        preflight: {
          findings: [
            {
              level: "note",
              id: "disk",
              finding: "5 GB are free",
              means: "It is enough.",
              todo: "Nothing.",
            },
            {
              level: "block",
              id: "wal_level",
              finding: "wal_level is minimal.",
              means: "",
              todo: "Set it.",
            },
          ],
        },
      },
      commands,
    );
    expect(all.map(({ level, area, name, command }) => [level, area, name, command])).toEqual([
      ["failed", "looks", "up", "npm start"],
      ["failed", "preflight", "wal_level", "Set it."],
      ["degraded", "parts", "pooler", "resume-pooler"],
      ["degraded", "drift", "hba", "npm start"],
      ["unknown", "drift", "primary", "doctor"],
      ["note", "preflight", "disk", undefined],
    ]);
    expect(all.at(-1)?.sentence).toBe("5 GB are free. It is enough.");
    expect(doctorText({ stack: "dev", verdict: "unhealthy", findings: all.slice(0, 1) })).toBe(
      "UNHEALTHY: 1 finding, the worst first.\n\nFAILED    up (looks): laterbase:pooler.port must be free.\n     next: npm start",
    );
  });

  it("has an examination that could not be made among its findings", () => {
    const unknown = { unknown: "The passphrase is wrong" };
    expect(findings({ ...nothing, drift: unknown, looks: undefined }, commands)).toEqual([
      {
        level: "unknown",
        area: "drift",
        name: "drift",
        sentence: "The passphrase is wrong.",
        command: "preview",
      },
    ]);
  });

  it.each([
    ["good", 0, "healthy"],
    ["unknown", 3, "degraded"],
    ["failed", 1, "unhealthy"],
  ])("exits by its verdict: %s", async (status, expected, verdict) => {
    const looks = {
      collect: () => Promise.resolve({}),
      assess: () => ({ checks: [{ name: "x", status, sentence: "X." }] }),
      driftNow: () => Promise.resolve(nothing.drift),
      lookNow: () => Promise.resolve(nothing.looks),
    };
    const { code, printed } = await run(["doctor", "--json"], {
      looks,
      servers: { preflight: () => Promise.resolve({ findings: [] }) },
    });
    expect([code, JSON.parse(printed)]).toEqual([
      expected,
      expect.objectContaining({ stack: "dev", verdict }),
    ]);
  });
});
