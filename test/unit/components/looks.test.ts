import { parseConfig } from "../../../components";
import { look, looksOf, unseenSince } from "../../../components/stack/looks";
import { named, promiseOf, render } from "../../support/mocks";
import { stackKeys } from "../../support/stackProgram";

const built = (tag: string, base: string) => ({
  tag,
  context: "images/x",
  buildArgs: { BASE: base },
});
const images = {
  postgres: built("laterbase/postgres:13-abc", "debian:bullseye-slim"),
  agent: built("laterbase/agent:13-abc", "laterbase/postgres:13-abc"),
  pooler: built("laterbase/pgbouncer:abc", "debian:trixie-slim"),
  pgAdmin: { pulled: "dpage/pgadmin4:9.17" },
  duplicati: { pulled: "duplicati/duplicati:2.3.0.4" },
  ofelia: { pulled: "mcuadros/ofelia:0.3.21" },
  socketProxy: built("laterbase/socket-proxy:1-abc", "debian:trixie-slim"),
};

const argsOf = (keys: Record<string, unknown>) => ({
  ...{ project: "laterbase", stack: "dev", file: "Pulumi.dev.yaml", images, folder: "/project" },
  config: parseConfig(keys, "Pulumi.dev.yaml"),
});

const external = {
  primary: {
    kind: "external",
    host: "192.168.1.20",
    version: 13,
    superuser: { password: "Tr0ub4dor" },
    databases: ["ResolveProjects"],
    allowFrom: ["192.168.1.0/24"],
  },
  standbys: [
    { name: "near", port: 5433 },
    { name: "far", port: 5433, dockerHost: "ssh://me@nas", bindAddress: "192.168.1.9" },
  ],
  dumps: { path: "./backups" },
  duplicati: { port: 8200, target: "s3://bucket/folder", passphrase: "of the archives" },
};

it("looks at what a stack needs of its engines and its primary", async () => {
  const postgres = {
    ...{ key: "laterbase:primary.version", name: "laterbase/postgres:13-abc" },
    ...{ base: "debian:bullseye-slim", megabytes: 650 },
  };
  expect(await promiseOf(looksOf(argsOf(external)))).toEqual({
    ...{ file: "Pulumi.dev.yaml", stack: "dev", prefix: "laterbase-dev" },
    engines: [
      {
        host: "",
        ports: [
          {
            ...{ key: "laterbase:standbys[0].port", port: 5433, address: "127.0.0.1" },
            ...{ addressKey: "laterbase:bindAddress", container: "laterbase-dev-near" },
          },
          {
            ...{ key: "laterbase:duplicati.port", port: 8200, address: "127.0.0.1" },
            ...{ addressKey: "laterbase:bindAddress", container: "laterbase-dev-duplicati" },
          },
        ],
        containers: [
          { key: "laterbase:dumps", name: "laterbase-dev-agent" },
          { key: "laterbase:dumps", name: "laterbase-dev-scheduler" },
          { key: "laterbase:dumps", name: "laterbase-dev-scheduler-proxy" },
          { key: "laterbase:duplicati", name: "laterbase-dev-duplicati" },
          { key: "laterbase:standbys[0].name", name: "laterbase-dev-near" },
        ],
        images: [
          postgres,
          {
            ...{ key: "laterbase:dumps", name: "laterbase/agent:13-abc" },
            ...{ base: "laterbase/postgres:13-abc", megabytes: 860 },
          },
          { key: "laterbase:dumps", name: "mcuadros/ofelia:0.3.21", megabytes: 310 },
          {
            ...{ key: "laterbase:dumps", name: "laterbase/socket-proxy:1-abc" },
            ...{ base: "debian:trixie-slim", megabytes: 310 },
          },
          { key: "laterbase:duplicati", name: "duplicati/duplicati:2.3.0.4", megabytes: 700 },
        ],
        standbys: [{ key: "laterbase:standbys[0]", name: "near" }],
        folder: "/project/backups",
      },
      {
        host: "ssh://me@nas",
        ports: [
          {
            ...{ key: "laterbase:standbys[1].port", port: 5433, address: "192.168.1.9" },
            ...{ addressKey: "laterbase:standbys[1].bindAddress", container: "laterbase-dev-far" },
          },
        ],
        containers: [{ key: "laterbase:standbys[1].name", name: "laterbase-dev-far" }],
        images: [postgres],
        standbys: [{ key: "laterbase:standbys[1]", name: "far" }],
      },
    ],
    primary: {
      ...{ kind: "external", host: "192.168.1.20", port: 5432, version: 13 },
      ...{ superuser: "postgres", password: "Tr0ub4dor", needsLogin: true },
      databases: { "laterbase:primary.databases": ["ResolveProjects"] },
      allowFrom: ["192.168.1.0/24"],
    },
    archives: { target: "s3://bucket/folder", passphrase: "of the archives" },
  });
});

it("does not look again for what none of its looks concerns", async () => {
  const seen = async (change: (keys: any) => void) => {
    const keys = stackKeys("dev");
    change(keys);
    return JSON.stringify(await promiseOf(looksOf(argsOf(keys))));
  };
  const same = await seen(() => undefined);
  expect(await seen((keys) => (keys.dumps.retentionDays = 30))).toBe(same);
  expect(await seen((keys) => (keys.timeZone = "Europe/London"))).toBe(same);
  expect(await seen((keys) => (keys.primary.superuser = { password: "another" }))).toBe(same);
  expect(await seen((keys) => (keys.standbys[0].port = 8010))).not.toBe(same);
  expect(await seen((keys) => (keys.primary.version = 16))).not.toBe(same);
});

it("takes the databases of dumps where the primary's are not named", async () => {
  const { primary } = external;
  const keys = {
    ...external,
    primary: { ...primary, databases: "*" },
    dumps: { databases: ["a"] },
  };
  expect((await promiseOf(looksOf(argsOf(keys)))).primary).toMatchObject({
    databases: { "laterbase:dumps.databases": ["a"] },
  });
});

it("is one step whose input and output are secret, and that waits for nothing", async () => {
  const made = await render(() => look(argsOf(external)));
  expect(made.map(({ type, name }) => [type, name])).toEqual([["command:local:Command", "looks"]]);
  const { inputs, secrets, opts } = named(made, "looks");
  expect(Object.keys(inputs).sort()).toEqual([
    "addPreviousOutputInEnv",
    "create",
    "logging",
    "stdin",
  ]);
  expect(inputs["create"]).toBe("node --require tsx/cjs scripts/steps/look.ts laterbase-dev");
  expect(secrets).toEqual(["stdin"]);
  expect(opts.additionalSecretOutputs).toContain("stdout");
  expect([opts.dependsOn, opts.parent]).toEqual([undefined, undefined]);
});

it("warns of what this run could not look at, not of what an earlier one could not", () => {
  const printed = JSON.stringify({ at: "2026-11-29T06:00:00.000Z", unseen: ["It slept."] });
  expect(unseenSince("2026-11-29T05:59:59.000Z", printed)).toEqual(["It slept."]);
  expect(unseenSince("2026-11-29T06:00:01.000Z", printed)).toEqual([]);
  expect(unseenSince("2026-11-29T06:00:01.000Z", "")).toEqual([]);
});

it("names of images whose content a preview cannot know are no change", async () => {
  const options = async (pinned: boolean) => {
    const args = argsOf({ ...external, dumps: undefined, duplicati: undefined });
    const postgres = { pushed: "registry.example.com/p/postgres-13:1", pinned };
    const made = await render(() => look({ ...args, images: { ...images, postgres } }));
    return named(made, "looks").opts.ignoreChanges;
  };
  expect(await options(true)).toBeUndefined();
  expect(await options(false)).toEqual(["stdin"]);
});
