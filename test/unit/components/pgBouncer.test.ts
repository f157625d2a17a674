import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { PgBouncer } from "../../../components/pgBouncer/pgBouncer";
import { PoolerConfiguration } from "../../../components/pgBouncer/poolerConfiguration";
import { poolerSchema } from "../../../components/pgBouncer/schema";
import { testStack } from "../../support/testStack";
import { renderEntries, renderIni, renderUserlist } from "../../../components/pgBouncer/files";
import { poolSizes } from "../../../components/pgBouncer/sizes";
import { sentence } from "../../../components/schema/strict";
import { framed } from "../../../scripts/pooler/apply";
import { type Made, named, promiseOf, render } from "../../support/mocks";

/** The sentences on a value of `laterbase:pooler`. */
function sentences(value: unknown): string[] {
  const parsed = z
    .strictObject({ pooler: poolerSchema })
    .safeParse({ pooler: value }, { reportInput: true });
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => sentence(issue, "Pulumi.dev.yaml"));
}

describe("laterbase:pooler", () => {
  it("is in transaction mode, for 1000 clients on 100 server connections, by default", () => {
    expect(poolerSchema.parse({ port: 6432 })).toEqual({
      port: 6432,
      mode: "transaction",
      maxClients: 1000,
      maxServerConnections: 100,
      databases: {},
    });
  });

  it.each<[object, string]>([
    [
      { port: 6432, mode: "statement" },
      'laterbase:pooler.mode must be "transaction" (a server connection is handed on after each transaction) or "session" (when its client leaves); it is "statement" (set in Pulumi.dev.yaml).',
    ],
    [
      { port: 6432, databases: { app: { mode: "any" } } },
      'laterbase:pooler.databases.app.mode must be "transaction" (a server connection is handed on after each transaction) or "session" (when its client leaves); it is "any" (set in Pulumi.dev.yaml).',
    ],
    [
      { port: 6432, poolSize: 0 },
      "laterbase:pooler.poolSize must be a whole number from 1 to 10000, such as 25; it is 0 (set in Pulumi.dev.yaml).",
    ],
    [
      { port: 6432, databases: ["app"] },
      "laterbase:pooler.databases must be an object such as { jobs: { mode: session, poolSize: 10 } } (set in Pulumi.dev.yaml).",
    ],
    [
      { port: 6432, size: 5 },
      "laterbase:pooler.size is unknown; the known keys are port, mode, maxClients, poolSize, maxServerConnections, databases (set in Pulumi.dev.yaml).",
    ],
  ])("refuses %j in one sentence", (value, words) => {
    expect(sentences(value)).toEqual([words]);
  });
});

const files = (databases: readonly string[], change: object = {}) => {
  const config = poolerSchema.parse({ port: 6432, ...change });
  return {
    pools: poolSizes(config, databases),
    maxClients: config.maxClients,
    primary: { host: "laterbase-dev-primary", port: 5432 },
    standby: { host: "laterbase-dev-standby", port: 5432 },
    superuser: "postgres",
  };
};

describe("pgbouncer.ini", () => {
  it("has an entry for each pool and one that looks up passwords", () => {
    const config = { databases: { jobs: { mode: "session", poolSize: 10 } } };
    const ini = renderIni(files(["app", "jobs"], config));
    expect(ini.split("\n").slice(0, 7)).toEqual([
      "[databases]",
      `app = host=laterbase-dev-primary port=5432 dbname='app' pool_mode=transaction pool_size=25 max_db_connections=25`,
      `app_ro = host=laterbase-dev-standby port=5432 dbname='app' pool_mode=transaction pool_size=25 max_db_connections=25`,
      `jobs = host=laterbase-dev-primary port=5432 dbname='jobs' pool_mode=session pool_size=10 max_db_connections=10`,
      `jobs_ro = host=laterbase-dev-standby port=5432 dbname='jobs' pool_mode=session pool_size=10 max_db_connections=10`,
      `laterbase_auth = host=laterbase-dev-primary port=5432 dbname='postgres' pool_mode=transaction pool_size=1 max_db_connections=1`,
      "",
    ]);
    expect(ini).toMatch(/^auth_type = hba$/m);
    expect(ini).toMatch(/^%include \/usr\/local\/share\/laterbase\/startup.ini$/m);
    // The last line, because it may hold entries.
    expect(ini).toMatch(/^%include \/run\/laterbase\/narrow.ini\n$/m);
    expect(ini).toMatch(/^max_client_conn = 1005$/m);
    expect(ini).not.toMatch(/password=|user=/);
  });

  it("leads to a database of any name, by an entry that PgBouncer can read", () => {
    expect(renderIni(files([`it's "ü"`]))).toContain(
      `it_s____ = host=laterbase-dev-primary port=5432 dbname='it''s "ü"' `,
    );
  });
});

it.each([
  ["1.24.1", "extra_float_digits,options"],
  ["1.26.0", "extra_float_digits,options"],
  ["1.26.1", "extra_float_digits"],
  ["1.26.1-1.pgdg13+1", "extra_float_digits"],
  ["1.100", "extra_float_digits"],
  ["2.0", "extra_float_digits"],
  ["", "extra_float_digits,options"],
])("PgBouncer %s ignores these start-up parameters: %s", (version, ignored) => {
  const script = join(__dirname, "../../../images/pgbouncer/startup-settings.sh");
  expect(execFileSync("bash", [script, version], { encoding: "utf8" })).toBe(
    `ignore_startup_parameters = ${ignored}\n`,
  );
});

it("userlist.txt doubles quotes", () => {
  const users = [
    { name: "postgres", password: 'a"b\\' },
    { name: 'x"y', password: "c d" },
  ];
  expect(renderUserlist(users)).toBe('"postgres" "a""b\\"\n"x""y" "c d"\n');
});

it("the list of entries has server, mode and size of each", () => {
  expect(renderEntries(files(["my app"]))).toBe(
    "primary\ttransaction\t25\tmy_app\nstandby\ttransaction\t25\tmy_app_ro\nprimary\ttransaction\t1\tlaterbase_auth\n",
  );
});

it("the configuration on standard input has each file's length and an end mark", () => {
  expect(framed({ "a.ini": "one\ntwo\n", entries: "three" })).toBe(
    "a.ini 2\none\ntwo\nentries 1\nthree\nend\n",
  );
});

/** A pooler in a stack dev. It proves what is asked for, not what Docker makes of it. */
async function stack(change: object = {}, withUserlist = true): Promise<[Made[], PgBouncer]> {
  let pooler: PgBouncer | undefined;
  const made = await render(() => {
    const stack = testStack();
    const config = poolerSchema.parse({ port: 6432, ...change });
    pooler = new PgBouncer("pooler", {
      stack,
      config,
      image: { tag: "laterbase/pgbouncer:abc", context: "images/pgbouncer", buildArgs: {} },
      superuser: { name: "postgres", password: "Tr0ub4dor" },
    });
    new PoolerConfiguration("pooler", {
      stack,
      pooler,
      config,
      databases: ["app"],
      primary: { host: "laterbase-dev-primary", port: 5432 },
      standby: { host: "laterbase-dev-standby", port: 5432 },
      superuser: "postgres",
      withUserlist,
      after: [],
    });
  });
  return [made.filter(({ name }) => name.startsWith("pooler")), pooler!];
}

describe("PgBouncer", () => {
  it("makes these resources, and destroy keeps none of them", async () => {
    const [made, pooler] = await stack();
    expect(made.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)).toEqual([
      "PgBouncer pooler",
      "RandomPassword pooler-admin",
      "RandomPassword pooler-stats",
      "RemoteImage pooler-image",
      "Container pooler-container",
      "PoolerConfiguration pooler",
      "Command pooler-configuration",
    ]);
    expect(made.filter(({ opts }) => opts.protect || opts.retainOnDelete)).toEqual([]);
    expect(pooler.address).toEqual({ host: "127.0.0.1", port: 6432, mode: "transaction" });
    expect(pooler.containerName).toBe("laterbase-dev-pooler");
    expect(pooler.admin.name).toBe("laterbase_admin");
    expect(await promiseOf(pooler.stats.password)).toBe("password-of-pooler-stats");
  });

  it("is a container without a capability, and without files that would replace it", async () => {
    const [made] = await stack();
    const { inputs, opts } = named(made, "pooler-container");
    expect(inputs).toMatchObject({
      name: "laterbase-dev-pooler",
      image: "laterbase/pgbouncer:abc",
      command: ["pooler"],
      envs: ["TZ=Europe/London"],
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 512,
      destroyGraceSeconds: 15,
      networksAdvanced: [{ name: "laterbase-dev", aliases: ["pooler"] }],
      ports: [{ internal: 6432, external: 6432, ip: "127.0.0.1" }],
    });
    expect(inputs["uploads"]).toBeUndefined();
    expect(opts).toMatchObject({ deleteBeforeReplace: true });
  });

  it("keeps its container through every change but one of its port", async () => {
    const [before] = await stack();
    const [after] = await stack({ mode: "session", poolSize: 5, maxClients: 50 });
    const container = (made: Made[]) => named(made, "pooler-container").inputs;
    expect(container(after)).toEqual(container(before));
    const stdin = (made: Made[]) => named(made, "pooler-configuration").inputs["stdin"];
    expect(stdin(after)).not.toEqual(stdin(before));
  });

  it("gets no userlist by its configuration where the superuser's login delivers it", async () => {
    const [made] = await stack({}, false);
    const delivered = named(made, "pooler-configuration").inputs["stdin"] as string;
    expect(Object.keys(JSON.parse(delivered) as object)).toEqual(["pgbouncer.ini", "entries"]);
  });

  it("gets its configuration on standard input, and nothing else holds a secret", async () => {
    const [made] = await stack();
    const { inputs, secrets, opts } = named(made, "pooler-configuration");
    const run = "node --require tsx/cjs scripts/steps/poolerConfiguration.ts laterbase-dev-pooler";
    expect(inputs).toMatchObject({
      create: run,
      update: run,
      environment: { LATERBASE_ENGINE: "" },
      triggers: ["pooler-container-id"],
    });
    expect(inputs["delete"]).toBeUndefined();
    expect(secrets).toEqual(["stdin"]);
    expect(opts.deleteBeforeReplace).toBe(true);
    const delivered = JSON.parse(inputs["stdin"]) as Record<string, string>;
    expect(Object.keys(delivered)).toEqual(["pgbouncer.ini", "userlist.txt", "entries"]);
    expect(delivered["userlist.txt"]).toBe(
      '"postgres" "Tr0ub4dor"\n"laterbase_admin" "password-of-pooler-admin"\n"laterbase_stats" "password-of-pooler-stats"\n',
    );
    for (const { name, inputs: all, secrets: hidden } of made) {
      const open = Object.entries(all).filter(([key]) => !hidden.includes(key));
      expect([name, JSON.stringify(open)]).toEqual([
        name,
        expect.not.stringMatching(/password-of-|Tr0ub4dor/),
      ]);
    }
  });
});
