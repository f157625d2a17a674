import { readFileSync, writeFileSync } from "node:fs";
import { main } from "../../../scripts/cli/main";
import { ordinal } from "../../../scripts/cli/commands/rotate";
import type { Connections } from "../../../scripts/cli/session";
import { type ExportedState, resourcesOf } from "../../../scripts/cli/stack/exportedState";
import { FakePulumi } from "../../support/fakePulumi";

const file = `config:
  # Ours.
  laterbase:primary: { kind: managed, version: 17, port: 1, databases: [app] }
  laterbase:rotations: # written by a command
    superuser: 1
encryptionsalt: v1:abc=
`;
const raw: Record<string, unknown> = {
  primary: { kind: "managed", version: 17, port: 1, databases: ["app"] },
  standbys: [{ name: "standby", port: 2 }],
  applications: { jarvis: { database: "app" }, own: { database: "b", password: "of its own" } },
  pooler: { port: 3 },
  rotations: { superuser: 1 },
};
const type = "random:index/randomPassword:RandomPassword";
const urn = (name: string) => `urn:pulumi:x::laterbase::${type}::${name}`;
const password = (name: string, protect = false) => ({ urn: urn(name), type, protect });
const stateOf = (...names: string[]): ExportedState => ({
  deployment: {
    resources: ["primary-superuser", ...names].map((name) =>
      password(name, name.startsWith("primary")),
    ),
  },
});

let pulumi: FakePulumi;
beforeEach(() => {
  pulumi = new FakePulumi();
  pulumi.logIn();
  writeFileSync("Pulumi.x.yaml", file);
});
afterEach(() => pulumi.remove());

interface Course {
  /** The exit code of `up`. */
  code?: number;
  /** Whether the stack's state has the secret afterwards. */
  draws?: string[];
  config?: Record<string, unknown>;
  state?: ExportedState;
  ask?: boolean;
  signal?: AbortSignal;
}

/** Runs the command with an `up` that ends as the test says. */
async function run(words: string[], course: Course = {}) {
  const { code = 0, draws = [], config = raw, state = stateOf("primary-superuser-1") } = course;
  const values = Object.entries(config).map(([key, value]) => [
    `laterbase:${key}`,
    { value: JSON.stringify(value) },
  ]);
  const setUp = (known: ExportedState) => {
    writeFileSync("state.json", JSON.stringify({ version: 3, ...known }));
    writeFileSync("config.json", JSON.stringify(Object.fromEntries(values)));
  };
  setUp(state);
  pulumi.does(`case "$1 $2" in
    "stack export") cat ${pulumi.folder}/state.json ;;
    "config --json") cat ${pulumi.folder}/config.json ;;
    "stack import") note ;;
  esac`);
  const printed: string[] = [];
  const said: string[] = [];
  const ups: { yes: boolean; file: string }[] = [];
  const exit = await main(["--stack", "x", "rotate", ...words], {
    readOutputs: () => Promise.resolve({}),
    bringUp: (_stack: string, { yes }: { yes: boolean }) => {
      ups.push({ yes, file: readFileSync("Pulumi.x.yaml", "utf8") });
      setUp({
        deployment: { resources: [...resourcesOf(state), ...draws.map((one) => password(one))] },
      });
      return Promise.resolve(code);
    },
    terminal: {
      print: (text: string) => printed.push(text),
      progress: (line: string) => said.push(line),
      ...(course.ask ? { ask: () => Promise.resolve("") } : {}),
    },
    ...(course.signal ? { signal: course.signal } : {}),
  } as unknown as Connections);
  const imported = pulumi.calls().find((call) => call.startsWith("< "));
  return {
    ...{ exit, printed: printed.join("\n"), said, ups },
    text: readFileSync("Pulumi.x.yaml", "utf8"),
    protectedNow:
      imported &&
      resourcesOf(JSON.parse(imported.slice(2)) as ExportedState)
        .filter(({ protect }) => protect)
        .map((one) => one.urn.split("::").at(-1)),
  };
}

const twice = file.replace("superuser: 1", "superuser: 2");

it("raises the number, brings the stack up, and says what comes next", async () => {
  const ran = await run(["superuser", "--yes"], { draws: ["primary-superuser-2"] });
  expect(ran).toEqual({
    exit: 0,
    text: twice,
    ups: [{ yes: true, file: twice }],
    said: ["Pulumi.x.yaml says now that superuser is replaced for the 2nd time."],
    printed: [
      "The secret of superuser was replaced, for the 2nd time. The old one is not valid any more.",
      "Connections that are open stay. New logins as the superuser need the new password; the pooler has it already.",
      "The new one: npm run laterbase -- credentials --stack x",
    ].join("\n"),
    protectedNow: undefined,
  });
});

it("prints its result as one JSON value", async () => {
  const { printed } = await run(["--json", "jarvis", "--yes"], {
    state: stateOf("primary-superuser-1", "applications-jarvis-password"),
    draws: ["applications-jarvis-password-1"],
  });
  expect(JSON.parse(printed)).toEqual({
    ...{ secret: "jarvis", rotation: 1, file: "Pulumi.x.yaml", finished: false },
  });
});

it("leaves the question to up where there is a terminal", async () => {
  const { ups } = await run(["pooler"], { ask: true, draws: ["pooler-admin-1", "pooler-stats-1"] });
  expect(ups.map(({ yes }) => yes)).toEqual([false]);
});

it("finishes a rotation that another run had only begun, and raises nothing", async () => {
  const ran = await run(["superuser", "--yes"], {
    state: stateOf(),
    draws: ["primary-superuser-1"],
  });
  expect([ran.exit, ran.text, ran.said]).toEqual([
    0,
    file,
    [
      "An earlier rotation of superuser wrote 1 into Pulumi.x.yaml and did not get further: this one finishes it.",
    ],
  ]);
});

it.each([
  ["no", 4, [], file, 4, "laterbase: Nothing was replaced: Pulumi.x.yaml is as it was."],
  [
    "a failure before the secret was drawn",
    255,
    [],
    twice,
    1,
    "laterbase: 'up' ended with 255 before it drew a new secret, so the old one of superuser is in force. Pulumi.x.yaml has the number 2 already: 'npm run pulumi -- up --stack x' goes on, as soon as what is said above is put right.",
  ],
  [
    "a failure after it",
    1,
    ["primary-superuser-2"],
    twice,
    1,
    "laterbase: 'up' ended with 1 after it drew the new secret of superuser: a part may have it, and another one may not. 'npm run pulumi -- up --stack x' goes on and gives it to all of them, as soon as what is said above is put right.",
  ],
  [
    "success without a secret",
    0,
    [],
    twice,
    1,
    "laterbase: 'up' ended with 0 before it drew a new secret, so the old one of superuser is in force. Pulumi.x.yaml has the number 2 already: 'npm run pulumi -- up --stack x' goes on, as soon as what is said above is put right.",
  ],
])("says what state it leaves after %s", async (_what, code, draws, text, exit, sentence) => {
  const ran = await run(["superuser", "--yes"], { code, draws });
  expect([ran.exit, ran.text, ran.said.at(-1), ran.printed]).toEqual([exit, text, sentence, ""]);
});

it("takes the protection from an older secret that would be in the way", async () => {
  const { protectedNow } = await run(["superuser", "--yes"], {
    config: { ...raw, rotations: { superuser: 3 } },
    state: stateOf("primary-superuser-1", "primary-superuser-2", "primary-superuser-3"),
    draws: ["primary-superuser-4"],
  });
  expect(protectedNow).toEqual(["primary-superuser", "primary-superuser-3"]);
});

const without = (...keys: string[]) =>
  Object.fromEntries(Object.entries(raw).filter(([key]) => !keys.includes(key)));
const external = {
  ...without("applications", "rotations", "pooler"),
  primary: {
    ...{ kind: "external", host: "192.168.1.20", port: 5432, version: 13, databases: ["app"] },
    superuser: { name: "postgres", password: "x" },
    ...{ access: { kind: "sql" }, allowFrom: ["192.168.1.0/24"] },
  },
  dumps: { schedule: "@hourly" },
};
const configured = {
  ...raw,
  primary: { ...(raw["primary"] as object), superuser: { password: "x" } },
};

it.each<[string, string, number, string, Record<string, unknown>?]>([
  [
    "a name that there is not",
    "superusr",
    2,
    'There is no secret "superusr" to replace: choose from jarvis, own, superuser, replication, dumps, pooler, pgadmin, duplicati, objectStore, health.',
  ],
  [
    "a configured password of the superuser",
    "superuser",
    4,
    "This password is configured: laterbase:primary.superuser.password in the stack file. Change it there, then bring the stack up: npm run pulumi -- config set --secret --path 'laterbase:primary.superuser.password' --stack x",
    configured,
  ],
  [
    "a configured password of an application",
    "own",
    4,
    "This password is configured: laterbase:applications.own.password in the stack file. Change it there, then bring the stack up: npm run pulumi -- config set --secret --path 'laterbase:applications.own.password' --stack x",
  ],
  [
    "a configured password of an application whose name has a dot",
    "my.app",
    4,
    `This password is configured: laterbase:applications["my.app"].password in the stack file. Change it there, then bring the stack up: npm run pulumi -- config set --secret --path 'laterbase:applications["my.app"].password' --stack x`,
    { ...raw, applications: { "my.app": { database: "app", password: "of its own" } } },
  ],
  [
    "the superuser of an external primary",
    "superuser",
    4,
    "The superuser of an external primary is yours: change its password on that server, and laterbase:primary.superuser.password with it.",
    external,
  ],
  [
    "dumps by the superuser",
    "dumps",
    4,
    "Before PostgreSQL 14 dumps log in as the superuser: replace the secret of superuser.",
    external,
  ],
  [
    "a part that there is not",
    "pgadmin",
    4,
    "The stack has no pgAdmin: laterbase:pgAdmin is not in the stack file.",
  ],
  [
    "the passphrase of repositories",
    "backups.encryption",
    4,
    "The passphrase of a repository cannot be replaced: its backups are encrypted with it. Add a new repository with a passphrase of its own to laterbase:backups.repositories, make a full backup in it, and take the old repository out when you no longer need its backups.",
  ],
  [
    "the passphrase of the uploads",
    "duplicati.passphrase",
    4,
    "The passphrase of Duplicati's job cannot be replaced: its archives are encrypted with it. Set laterbase:duplicati.passphrase together with a new, empty laterbase:duplicati.target, and keep the old passphrase as long as the old archives.",
  ],
])("refuses %s, and changes nothing", async (_what, name, exit, sentence, config = raw) => {
  const ran = await run([name, "--yes"], { config });
  expect([ran.exit, ran.said, ran.text, ran.ups]).toEqual([
    exit,
    [`laterbase: ${sentence}`],
    file,
    [],
  ]);
});

it("needs a terminal or --yes", async () => {
  const ran = await run(["superuser"]);
  expect([ran.exit, ran.said, ran.text]).toEqual([
    2,
    ["laterbase: There is no terminal to ask for a confirmation: add --yes."],
    file,
  ]);
});

it("changes nothing when it is interrupted before it writes", async () => {
  const ran = await run(["superuser", "--yes"], { signal: AbortSignal.abort() });
  expect([ran.exit, ran.text, ran.ups]).toEqual([1, file, []]);
});

it("counts in words", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(ordinal)).toEqual(
    "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th".split(" "),
  );
});
