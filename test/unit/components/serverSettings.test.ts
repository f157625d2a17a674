import { declared } from "../../support/stackProgram";
import { type Made, named } from "../../support/mocks";

const quiet = () => undefined;
const settings = { work_mem: "64MB", wal_buffers: "16MB", max_worker_processes: 12 };
const childrenOf = (made: readonly Made[], parent: string) =>
  made.filter((one) => one.parent === parent).map(({ type, name }) => [type, name]);
const conf = (made: readonly Made[], role: string) =>
  named([...made], `${role}-container`).inputs["uploads"].find(
    ({ file }: { file: string }) => file === "/etc/laterbase/postgresql.conf",
  ).content as string;
const command = "command:local:Command";

let made: Made[];
beforeAll(async () => {
  made = await declared("dev", quiet, (keys) => {
    Object.assign(keys["primary"], {
      settings,
      memory: "4GB",
      extensions: ["postgis", "pgvector"],
    });
    keys["standbys"][0].memory = "1456MB";
  });
});

it("declares a step for the settings of each server, and one for the extensions", () => {
  expect(childrenOf(made, "primary")).toEqual([
    ["random:index/randomPassword:RandomPassword", "primary-superuser"],
    [command, "primary-settings-check"],
    ["docker:index/volume:Volume", "primary-data"],
    ["docker:index/volume:Volume", "primary-socket"],
    ["docker:index/container:Container", "primary-container"],
    [command, "primary-ready"],
    [command, "primary-settings"],
    [command, "primary-login"],
    [command, "primary-extensions"],
  ]);
  expect(childrenOf(made, "standby")).toEqual([
    ["docker:index/volume:Volume", "standby-data"],
    ["docker:index/volume:Volume", "standby-socket"],
    ["docker:index/container:Container", "standby-container"],
    [command, "standby-ready"],
    [command, "standby-settings"],
  ]);
});

it("declares none of them without the keys", async () => {
  const names = (await declared("dev", quiet)).map(({ name }) => name);
  expect(names.filter((name) => /-(settings|settings-check|extensions)$/.test(name))).toEqual([]);
});

it("asks PostgreSQL in the new image whether it takes them, before the server is stopped for them", () => {
  const { inputs } = named(made, "primary-settings-check");
  expect(inputs["create"]).toMatch(/ scripts\/steps\/settingsCheck.ts laterbase-dev-primary$/);
  const { image, ...asked } = JSON.parse(inputs["stdin"]);
  expect(asked).toEqual({ major: 17, settings: { ...settings, max_worker_processes: "12" } });
  expect(image).toBe(named(made, "primary-container").inputs["image"]);
  expect(named(made, "primary-container").opts?.dependsOn).toContainEqual(
    expect.objectContaining({ __name: "primary-settings-check" }),
  );
});

it("applies on the running server what a reload puts in force, and takes it back at the end", () => {
  const { inputs, opts } = named(made, "primary-settings");
  expect(inputs).toMatchObject({
    create: "node --require tsx/cjs scripts/steps/serverSettings.ts laterbase-dev-primary",
    update: "node --require tsx/cjs scripts/steps/serverSettings.ts laterbase-dev-primary",
    delete:
      "node --require tsx/cjs scripts/steps/serverSettingsRemoved.ts laterbase-dev-primary primary",
    environment: { LATERBASE_ENGINE: "" },
  });
  // A trigger would replace it, and so take the file away while a new container starts.
  expect(inputs).not.toHaveProperty("triggers");
  expect(opts).not.toHaveProperty("deleteBeforeReplace");
  expect(JSON.parse(inputs["stdin"])).toEqual({
    ...{ kind: "primary", id: "primary-container-id", reload: { work_mem: "64MB" } },
    atStart: ["wal_buffers", "max_worker_processes"],
  });
  expect(JSON.parse(named(made, "standby-settings").inputs["stdin"])).toEqual({
    ...{ kind: "standby", id: "standby-container-id", reload: { work_mem: "64MB" } },
    atStart: ["wal_buffers"],
  });
});

it("runs again on the primary where ALTER SYSTEM has set one of them", async () => {
  const settingsOf = (all: readonly Made[], of: string) => named([...all], `${of}-settings`);
  expect(settingsOf(made, "primary").opts.ignoreChanges).toEqual([
    ...["update", "environment.LATERBASE_DRIFT"],
  ]);
  const drift = { settings: "ALTER SYSTEM has set work_mem" };
  const change = (keys: Record<string, any>) => Object.assign(keys["primary"], { settings });
  const again = await declared("dev", quiet, change, { drift });
  expect(settingsOf(again, "primary").inputs["environment"]).toEqual({
    ...{ LATERBASE_ENGINE: "", LATERBASE_DRIFT: drift.settings },
  });
  expect(settingsOf(again, "primary").opts.ignoreChanges).toEqual([]);
  expect(settingsOf(again, "standby").inputs["environment"]).toEqual({ LATERBASE_ENGINE: "" });
});

it("creates the extensions in each database", () => {
  const { inputs } = named(made, "primary-extensions");
  expect(inputs["create"]).toMatch(/ scripts\/steps\/extensions.ts laterbase-dev-primary$/);
  expect(JSON.parse(inputs["stdin"])).toEqual({
    id: "primary-container-id",
    names: ["postgis", "pgvector"],
    databases: ["mfi_banking"],
  });
});

it("creates them again in a database that is made again", async () => {
  const lost = "database mfi_banking is gone";
  const change = (keys: Record<string, any>) =>
    Object.assign(keys["primary"], { extensions: ["postgis"] });
  const all = await declared("dev", quiet, change, { drift: { extensions: lost } });
  const again = named(all, "primary-extensions");
  expect(again.inputs["environment"]).toMatchObject({ LATERBASE_DRIFT: lost });
  expect(again.opts.ignoreChanges).toEqual([]);
  expect(named(made, "primary-extensions").opts.ignoreChanges).toEqual([
    "environment.LATERBASE_DRIFT",
  ]);
});

it("creates them in a database that only an application names, after its step made it", async () => {
  const all = await declared("dev", quiet, (keys) => {
    Object.assign(keys["primary"], { extensions: ["postgis"] });
    keys["applications"] = { gis: { database: "gis" } };
  });
  const { inputs, opts } = named(all, "primary-extensions");
  expect(JSON.parse(inputs["stdin"]).databases).toEqual(["mfi_banking", "gis"]);
  const before = (opts.dependsOn as unknown as { __name: string }[]).map(({ __name }) => __name);
  expect(before).toEqual(["primary-ready", "applications-gis", "applications-mfi_banking"]);
});

it("gives each server its memory, and what needs a restart", () => {
  expect(named(made, "primary-container").inputs).toMatchObject({
    ...{ memory: 4096, memorySwap: 4096, shmSize: 1024 },
  });
  expect(named(made, "standby-container").inputs).toMatchObject({
    ...{ memory: 1456, memorySwap: 1456, shmSize: 364 },
  });
  expect(conf(made, "primary")).toContain("\nshared_buffers = '1024MB'\n");
  expect(conf(made, "primary")).toMatch(
    /\nwal_buffers = '16MB'\nmax_worker_processes = '12'\ninclude_if_exists = '\/var\/lib\/postgresql\/primary\/settings.conf'\n$/,
  );
  expect(conf(made, "standby")).toContain("\nshared_buffers = '364MB'\n");
  expect(conf(made, "standby")).toMatch(
    /\nwal_buffers = '16MB'\ninclude_if_exists = '\/var\/lib\/postgresql\/standby\/settings.conf'\n$/,
  );
});
