import type { DumpingConfig } from "../../../contract/agentConfig";
import type { Schedule } from "../../../contract/schedule";
import type * as pulumi from "@pulumi/pulumi";
import { BackupAgent, type BackupAgentArgs } from "../../../components/backupAgent/backupAgent";
import { backupsOf } from "../../../components/backupAgent/backups";
import { dumpsSchema } from "../../../components/backupAgent/schema";
import { type Made, named, render } from "../../support/mocks";
import { testStack } from "../../support/testStack";

const image = { tag: "laterbase/agent:17-abc", context: ".laterbase/agent", buildArgs: {} };
const daily: Schedule = { text: "0 3 * * *", fields: ["0", "3", "*", "*", "*"] };
const upload = {
  url: "http://p-test-duplicati:8200",
  job: "laterbase test",
  schedule: daily,
  timeoutSeconds: 60,
  afterFirstDump: false,
  password: "web:word",
};

function agent(config: object = {}, more: Partial<BackupAgentArgs> = {}): Promise<Made[]> {
  return render(() => {
    const parent = undefined as unknown as pulumi.Resource;
    const stack = testStack({ project: "p", stack: "test" });
    const dumps = dumpsSchema.parse(config);
    new BackupAgent("agent", {
      stack,
      dumps: {
        config: dumps,
        role: { name: "laterbase_test_dumps", superuser: false, password: "pass:word" },
      },
      image,
      version: 17,
      place: backupsOf({ stack, path: dumps.path, folder: "/project" }, parent),
      primary: { host: "p-test-primary", port: 5432 },
      standby: { host: "p-test-standby", port: 5432 },
      after: [],
      ...more,
    });
  });
}

const uploadsOf = (made: Made[]): Record<string, { content: string; permissions: string }> =>
  Object.fromEntries(
    named(made, "agent-container").inputs["uploads"].map((one: any) => [one.file, one]),
  );

describe("BackupAgent", () => {
  it("is an image, two volumes that outlive it, a container, and its readiness", async () => {
    const made = await agent();
    expect(
      made.map(({ type, name, opts }) => [
        type.split(":").at(-1),
        name,
        opts.protect ?? false,
        opts.retainOnDelete ?? false,
      ]),
    ).toEqual([
      ["docker", "local", false, false],
      ["Network", "local-network", false, false],
      ["RemoteImage", "local-image", false, false],
      ["Volume", "backups", true, true],
      ["BackupAgent", "agent", false, false],
      ["RemoteImage", "agent-image", false, false],
      ["RandomPassword", "agent-manifest-key", true, false],
      ["Volume", "agent-records", true, true],
      ["Container", "agent-container", false, false],
      ["Command", "agent-ready", false, false],
    ]);
  });

  it("runs as PostgreSQL's user without a capability, and is replaced by itself alone", async () => {
    const { inputs, opts } = named(await agent(), "agent-container");
    expect(inputs).toMatchObject({
      name: "p-test-agent",
      command: ["serve"],
      init: true,
      user: "999",
      capabilities: { drops: ["ALL"], adds: [] },
      securityOpts: ["no-new-privileges:true"],
      envs: ["TZ=Europe/London"],
      destroyGraceSeconds: 60,
      volumes: [
        { volumeName: "p-test-backups", containerPath: "/backups" },
        { volumeName: "p-test-agent-records", containerPath: "/var/lib/laterbase/records" },
      ],
    });
    expect(opts.deleteBeforeReplace).toBe(true);
  });

  it("takes over a folder of the host, which may be another user's", async () => {
    const made = await agent({ path: "backups" });
    expect(named(made, "agent-container").inputs).toMatchObject({
      user: "0",
      capabilities: {
        adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"],
      },
      volumes: [
        { hostPath: "/project/backups", containerPath: "/backups" },
        { containerPath: "/var/lib/laterbase/records" },
      ],
    });
    // Its volume stays declared: it is protected, and may hold dumps.
    expect(made.map(({ name }) => name)).toContain("backups");
  });

  it.each([
    [{}, 3000, 1200],
    [{ timeout: "10m", databaseTimeout: "10m" }, 600, 600],
    [{ timeout: "5h", databases: ["one"] }, 18000, 18000],
    [{ timeout: "5h", databases: ["one", "two"] }, 18000, 7200],
  ] as const)(
    "with %j gives a run %i s, and each of its databases %i s",
    async (given, run, one) => {
      const config = {
        ...given,
        ...("databases" in given ? { databases: [...given.databases] } : {}),
      };
      const { content } = uploadsOf(await agent(config))["/etc/laterbase/agent.json"]!;
      expect((JSON.parse(content) as DumpingConfig).dumps).toMatchObject({
        timeoutSeconds: run,
        databaseTimeoutSeconds: one,
      });
    },
  );

  it.each([
    ["0%", { percent: 0 }],
    ["90%", { percent: 90 }],
    ["20GB", { bytes: 20 * 2 ** 30 }],
  ])("keeps %s free", async (text, figure) => {
    const { content } = uploadsOf(await agent({ minFree: text }))["/etc/laterbase/agent.json"]!;
    expect((JSON.parse(content) as DumpingConfig).dumps.minFree).toEqual({ text, ...figure });
  });

  it("gets its configuration in a file without a secret", async () => {
    const made = await agent({ schedule: "0 3 * * *", timeout: "2h" }, { upload });
    const { content, permissions } = uploadsOf(made)["/etc/laterbase/agent.json"]!;
    expect(permissions).toBe("0444");
    const told = Object.fromEntries(Object.entries(upload).filter(([key]) => key !== "password"));
    expect(JSON.parse(content)).toEqual({
      stack: "test",
      major: 17,
      timeZone: "Europe/London",
      role: { name: "laterbase_test_dumps", superuser: false },
      primary: { name: "primary", host: "p-test-primary", port: 5432 },
      standby: { name: "standby", host: "p-test-standby", port: 5432 },
      dumps: {
        schedule: daily,
        databases: "*",
        source: "standby",
        retentionDays: 7,
        retentionCount: 3,
        plain: false,
        timeoutSeconds: 7200,
        databaseTimeoutSeconds: 2880,
        minFree: { text: "10%", percent: 10 },
      },
      upload: told,
    });
  });

  it("has its secrets in files of its own user", async () => {
    const made = await agent({}, { upload });
    const files = uploadsOf(made);
    expect(files["/etc/laterbase/pgpass"]).toMatchObject({
      content:
        "p-test-primary:5432:*:laterbase_test_dumps:pass\\:word\n" +
        "p-test-standby:5432:*:laterbase_test_dumps:pass\\:word\n",
      permissions: "0400",
      owner: "999",
    });
    expect(files["/etc/laterbase/manifest-key"]).toMatchObject({
      content: "password-of-agent-manifest-key",
      permissions: "0400",
      owner: "999",
    });
    expect(files["/etc/laterbase/duplicati-password"]).toMatchObject({
      content: "web:word",
      permissions: "0400",
    });
    expect(named(made, "agent-container").secrets).toContain("uploads");
  });
});
