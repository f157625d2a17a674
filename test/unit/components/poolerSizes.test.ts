import { poolerRules } from "../../../components/pgBouncer/rules";
import { poolerSchema } from "../../../components/pgBouncer/schema";
import {
  managedMaxConnections,
  poolSizes,
  primaryConnections,
} from "../../../components/pgBouncer/sizes";

const pooler = (change: object = {}) => poolerSchema.parse({ port: 6432, ...change });
const sizes = (change: object, databases: string[]) =>
  poolSizes(pooler(change), databases).map(({ entry, size }) => `${entry} ${size}`);

describe("poolSizes", () => {
  it("gives each database a pool on the primary and one on the standby", () => {
    expect(poolSizes(pooler(), ["app"])).toEqual([
      { entry: "app", database: "app", server: "primary", mode: "transaction", size: 25 },
      { entry: "app_ro", database: "app", server: "standby", mode: "transaction", size: 25 },
    ]);
  });

  it.each<[string, object, string[], string[]]>([
    [
      "25 each, one of which looks up passwords",
      {},
      ["a", "b"],
      ["a 24", "a_ro 25", "b 25", "b_ro 25"],
    ],
    ["what fits", {}, ["a", "b", "c"], ["a 16", "a_ro 16", "b 16", "b_ro 16", "c 16", "c_ro 16"]],
    ["what is configured", { poolSize: 7 }, ["a"], ["a 7", "a_ro 7"]],
    [
      "one database's own size, and the others what is left",
      { maxServerConnections: 50, databases: { b: { poolSize: 15 } } },
      ["a", "b"],
      ["a 10", "a_ro 10", "b 14", "b_ro 15"],
    ],
    [
      "not more than 25 where there is room",
      { maxServerConnections: 500 },
      ["a"],
      ["a 25", "a_ro 25"],
    ],
  ])("gives %s", (_what, change, databases, expected) => {
    expect(sizes(change, databases)).toEqual(expected);
  });

  it("leads to any database by an entry that PgBouncer can read", () => {
    expect(
      poolSizes(pooler(), ["My Lib é"]).map(({ entry, database }) => [entry, database]),
    ).toEqual([
      ["My_Lib__", "My Lib é"],
      ["My_Lib___ro", "My Lib é"],
    ]);
  });

  it("takes a database's own mode for both of its pools", () => {
    const modes = (change: object) => poolSizes(pooler(change), ["a", "b"]).map(({ mode }) => mode);
    expect(modes({ databases: { b: { mode: "session" } } })).toEqual([
      "transaction",
      "transaction",
      "session",
      "session",
    ]);
    expect(modes({ mode: "session", databases: { a: { mode: "transaction" } } })).toEqual([
      "transaction",
      "transaction",
      "session",
      "session",
    ]);
  });

  it("never plans more than the most, with the connection that looks up passwords", () => {
    for (let databases = 1; databases <= 60; databases++) {
      for (const most of [3, 10, 99, 100, 101, 250]) {
        const names = Array.from({ length: databases }, (_, i) => `d${i}`);
        const change = pooler({ maxServerConnections: most });
        const total = poolSizes(change, names).reduce((sum, { size }) => sum + size, 0);
        const refused = rules({ maxServerConnections: most }, { databases: names }).length > 0;
        expect([databases, most, refused || total + 1 <= most]).toEqual([databases, most, true]);
      }
    }
  });
});

/** The rules of a stack with a managed primary. */
function rules(change: object, primary: object = {}): string[] {
  const managed = { kind: "managed", databases: ["app"], ...primary };
  return poolerRules({ pooler: pooler(change), primary: managed as never });
}

describe("managedMaxConnections", () => {
  const most = (config: object | undefined, primary: object) =>
    managedMaxConnections({
      pooler: config && pooler(config),
      primary: { kind: "managed", ...primary } as never,
    });

  it("is 100, or what the pools ask for, or what is configured", () => {
    const databases = ["a", "b", "c", "d"];
    expect(most(undefined, { databases })).toBe(100);
    expect(most({}, { databases })).toBe(100);
    expect(primaryConnections(pooler({ maxServerConnections: 300 }), databases)).toBe(101);
    expect(most({ maxServerConnections: 300 }, { databases })).toBe(131);
    expect(most({ maxServerConnections: 300 }, { databases, maxConnections: 500 })).toBe(500);
  });
});

describe("poolerRules", () => {
  it("has nothing to say without a pooler, and about a good one", () => {
    expect(poolerRules({ primary: { databases: "*" } as never })).toEqual([]);
    expect(rules({})).toEqual([]);
    expect(rules({ poolSize: 25 }, { databases: ["a", "b"] })).toEqual([]);
    expect(rules({ maxServerConnections: 3 })).toEqual([]);
  });

  it.each<[string, object, object, string]>([
    [
      "pools that are more than all",
      { poolSize: 30 },
      { databases: ["a", "b"] },
      "laterbase:pooler asks for 120 server connections in 4 pools (one for each database and its standby), more than laterbase:pooler.maxServerConnections, which is 100; set poolSize to at most 25, or maxServerConnections to at least 120",
    ],
    [
      "no connection left for passwords",
      { maxServerConnections: 2 },
      {},
      "laterbase:pooler asks for 3 server connections in 2 pools (one for each database and its standby), more than laterbase:pooler.maxServerConnections, which is 2; set maxServerConnections to at least 3",
    ],
    [
      "too few connections of the primary",
      { poolSize: 40 },
      { maxConnections: 50 },
      "laterbase:primary.maxConnections must be at least 51: the pools take 41 of them and PostgreSQL needs 10 beside; it is 50",
    ],
    [
      "databases without names",
      {},
      { databases: "*" },
      'laterbase:primary.databases must name the databases where laterbase:pooler is set, such as [app], because each gets a pool of its own; it is "*"',
    ],
    [
      "a database that clashes with the console",
      {},
      { databases: ["pgbouncer"] },
      'laterbase:primary.databases names "pgbouncer", which a pooler keeps for itself; rename the database or leave laterbase:pooler out',
    ],
    [
      "a database that clashes with a standby's entry",
      {},
      { databases: ["app", "app_ro"] },
      'laterbase:primary.databases names "app", which shares an entry of the pooler with "app_ro" (letters, digits, _, . and - are told apart there, and _ro is added for the standby); rename one or leave laterbase:pooler out',
    ],
    [
      "two databases that PgBouncer cannot tell apart",
      {},
      { databases: ["my lib", "my_lib"] },
      'laterbase:primary.databases names "my_lib", which shares an entry of the pooler with "my lib" (letters, digits, _, . and - are told apart there, and _ro is added for the standby); rename one or leave laterbase:pooler out',
    ],
    [
      "a name that the console cannot say",
      {},
      { databases: ["x".repeat(59)] },
      `laterbase:primary.databases names "${"x".repeat(59)}", which is too long for a pooler: 58 characters at most`,
    ],
    [
      "a database that there is not",
      { databases: { jobs: { mode: "session" } } },
      {},
      'laterbase:pooler.databases names "jobs", which laterbase:primary.databases does not; there are app',
    ],
    [
      "a superuser with the name of a console's user",
      {},
      { kind: "external", superuser: { name: "laterbase_admin", password: "x" } },
      'laterbase:primary.superuser.name must not be "laterbase_admin" where laterbase:pooler is set: so is a user of the pooler\'s console named',
    ],
    [
      "a superuser without a password",
      {},
      { kind: "external", superuser: { name: "postgres" } },
      "laterbase:primary.superuser.password must be set where laterbase:pooler is, by `pulumi config set --secret --path 'laterbase:primary.superuser.password'`",
    ],
  ])("refuses %s in one sentence", (_what, change, primary, sentence) => {
    expect(rules(change, primary)).toEqual([sentence]);
  });
});
