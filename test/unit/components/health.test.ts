import { ownParameters } from "../../../components/primary/ownParameters";
import * as pulumi from "@pulumi/pulumi";
import { type ConfigError, Laterbase, parseConfig } from "../../../components";
import { defaultThresholds } from "../../../contract/health/check";
import type { HealthConfig } from "../../../contract/health/config";
import { type Made, named, promiseOf, render } from "../../support/mocks";
import { declared, images, stackKeys } from "../../support/stackProgram";

/** What a stack with a monitor declares. It proves what is asked for, not what Docker makes of it. */

const nothing = () => undefined;

type Upload = { file: string; content: string; permissions: string; owner?: string };

const filesOf = (made: Made[], container = "health-container"): Map<string, Upload> =>
  new Map(
    (named(made, container).inputs["uploads"] as Upload[]).map((one) => [
      one.file.replace("/etc/laterbase/", ""),
      one,
    ]),
  );

const notify = [
  { kind: "slack", url: "https://hooks.slack.com/services/S3CRET" },
  {
    ...{ kind: "email", host: "smtp.example.com", user: "me", password: "M4IL" },
    ...{ from: "laterbase@example.com", to: ["me@example.com"] },
  },
];

const full = (keys: Record<string, any>) => {
  keys["objectStore"] = { port: 7070 };
  keys["health"] = {
    ...{ port: 9090, token: "0123456789abcdefT0KEN", notify },
    thresholds: { lagSeconds: 600, lagBytes: "1GB" },
    pings: { dump: "https://hc-ping.com/P1NG" },
  };
};

describe("the monitor", () => {
  it("is a container of the agent's image that may do nothing else", async () => {
    const made = await declared("dev", nothing);
    const { inputs, opts, parent } = named(made, "health-container");
    expect(parent).toBe("health");
    expect(inputs).toMatchObject({
      name: "laterbase-dev-health",
      hostname: "health",
      image: "laterbase/agent:17-abc",
      command: ["monitor"],
      init: true,
      user: "999",
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 192,
      memorySwap: 192,
      networksAdvanced: [{ name: "laterbase-dev", aliases: ["health"] }],
      ports: [{ internal: 8080, external: 8080, ip: "127.0.0.1" }],
      volumes: [
        {
          volumeName: "laterbase-dev-health-history",
          containerPath: "/var/lib/laterbase/history",
        },
      ],
    });
    expect(opts).toMatchObject({ deleteBeforeReplace: true });
    expect(named(made, "health-ready").inputs).toMatchObject({
      create: "node --require tsx/cjs scripts/steps/ready.ts laterbase-dev-health",
      triggers: ["health-container-id"],
    });
  });

  it("knows its stack, and no secret", async () => {
    const made = await declared("dev", nothing, full);
    const config = JSON.parse(filesOf(made).get("health.json")!.content) as HealthConfig;
    expect(config).toEqual({
      ...{ stack: "dev", prefix: "laterbase-dev", major: 17, timeZone: "Etc/UTC", managed: true },
      role: "laterbase_dev_health",
      primary: { host: "laterbase-dev-primary", port: 5432 },
      standbys: [
        {
          ...{ name: "standby", host: "laterbase-dev-standby", port: 5432 },
          ...{ slot: "laterbase_standby_slot", near: true },
        },
      ],
      pooler: { host: "laterbase-dev-pooler", port: 6432, user: "laterbase_stats" },
      agent: { host: "laterbase-dev-agent", port: 8082 },
      services: [
        { name: "pgadmin", host: "laterbase-dev-pgadmin", port: 8080 },
        { name: "object-store", host: "laterbase-dev-object-store", port: 7070 },
        { name: "duplicati", host: "laterbase-dev-duplicati", port: 8200 },
      ],
      slotRetention: "10GB",
      roles: expect.any(Array) as unknown,
      settings: ["archive_command", "archive_library", "archive_timeout"],
      ownSettings: [...ownParameters],
      thresholds: { ...defaultThresholds, lagSeconds: 600, lagBytes: 1024 ** 3 },
      token: true,
      certificates: { "object-store": "certificate-of-object-store-certificate" },
    });
  });

  it("knows every role that up makes on the primary", async () => {
    const made = await declared("dev", nothing, full);
    const { roles } = JSON.parse(filesOf(made).get("health.json")!.content) as HealthConfig;
    const owner = (name: string) => ({
      ...{ name, purpose: `which owns the database "${name}"`, database: name },
      ...{ replicates: false, bypassesPolicies: false, memberships: [], settings: {} },
    });
    const brief = roles.map(({ settings, ...role }) => ({ ...role, set: Object.keys(settings) }));
    const other = { replicates: false, bypassesPolicies: false, set: expect.any(Array) as unknown };
    expect(brief.slice(0, 5)).toEqual([
      {
        ...{ name: "laterbase_dev", purpose: "by which standbys replicate", replicates: true },
        ...{ bypassesPolicies: false, connections: -1, memberships: [], set: [] },
      },
      {
        ...{ ...other, name: "laterbase_dev_dumps", purpose: "which dumps" },
        ...{ bypassesPolicies: true, connections: -1, memberships: ["pg_read_all_data"] },
      },
      {
        ...{ ...other, name: "laterbase_dev_pgadmin", purpose: "by which pgAdmin connects" },
        ...{ connections: 25, memberships: ["pg_monitor", "pg_read_all_data"] },
      },
      {
        ...{ ...other, name: "laterbase_dev_backups", purpose: "which backs up" },
        ...{ connections: 10, memberships: ["pg_read_all_settings", "pg_checkpoint"] },
      },
      {
        ...{ ...other, name: "laterbase_dev_health", purpose: "by which the monitor looks" },
        ...{ connections: 5, memberships: ["pg_monitor"] },
      },
    ]);
    expect(roles.slice(5)).toEqual(roles.slice(5).map(({ name }) => owner(name)));
    expect(roles.length).toBeGreaterThan(5);
  });

  it("gets its secrets as files of its own user, and nothing else holds one", async () => {
    const made = await declared("dev", nothing, full);
    const { inputs, secrets } = named(made, "health-container");
    const files = filesOf(made);
    expect(
      [...files.values()].map(({ file, permissions, owner }) => [file, permissions, owner]),
    ).toEqual([
      ["/etc/laterbase/health.json", "0444", "999"],
      ["/etc/laterbase/pgpass", "0400", "999"],
      ["/etc/laterbase/pooler-password", "0400", "999"],
      ["/etc/laterbase/agent-token", "0400", "999"],
      ["/etc/laterbase/health-token", "0400", "999"],
      ["/etc/laterbase/notify.json", "0400", "999"],
      ["/etc/laterbase/pings.json", "0400", "999"],
    ]);
    const content = (name: string) => files.get(name)!.content;
    expect(content("pgpass")).toBe(
      ["primary", "standby"]
        .map(
          (host) =>
            `laterbase-dev-${host}:5432:*:laterbase_dev_health:password-of-preparation-health-password\n`,
        )
        .join(""),
    );
    expect(content("pooler-password")).toBe("password-of-pooler-stats");
    expect(content("agent-token")).toBe("password-of-agent-overview-token");
    expect(content("health-token")).toBe("0123456789abcdefT0KEN");
    expect(JSON.parse(content("notify.json"))).toEqual([
      notify[0],
      { ...notify[1], port: 587, security: "starttls" },
    ]);
    expect(JSON.parse(content("pings.json"))).toEqual({ dump: "https://hc-ping.com/P1NG" });
    expect(secrets).toContain("uploads");
    const rest = JSON.stringify({ ...inputs, uploads: undefined });
    expect(rest).not.toMatch(/password-of|T0KEN|S3CRET|M4IL|P1NG/);
  });

  it("is listened to by the agent, whose scheduler then gives a sign each minute", async () => {
    const made = await declared("dev", nothing);
    const files = filesOf(made, "agent-container");
    expect(JSON.parse(files.get("agent.json")!.content)).toMatchObject({
      overview: { port: 8082 },
    });
    expect(files.get("overview-token")).toMatchObject({
      content: "password-of-agent-overview-token",
      permissions: "0400",
    });
    const [rules] = named(made, "scheduler-proxy").inputs["command"] as string[];
    const { commands } = JSON.parse(rules!) as { commands: object[] };
    expect(commands.at(-2)).toEqual({
      container: "laterbase-dev-agent",
      argv: ["touch", "/run/laterbase/scheduler"],
      user: "postgres",
    });
    const ini = filesOf(made, "scheduler-container").get("/etc/ofelia/config.ini")!.content;
    expect(ini).toContain(
      '[job-exec "touch"]\nschedule = @every 60s\ncontainer = laterbase-dev-agent\n' +
        "user = postgres\ncommand = touch /run/laterbase/scheduler\nno-overlap = true\n",
    );
  });

  it("changes nothing of a stack without it but what is its own", async () => {
    const without = await declared("dev", nothing, (keys) => delete keys["health"]);
    const made = await declared("dev", nothing);
    expect(without.filter(({ name }) => /health|overview/.test(name))).toEqual([]);
    const agent = filesOf(without, "agent-container");
    expect(JSON.parse(agent.get("agent.json")!.content)).not.toHaveProperty("overview");
    expect(agent.has("overview-token")).toBe(false);
    const ini = filesOf(without, "scheduler-container").get("/etc/ofelia/config.ini")!.content;
    expect(ini).not.toContain("/run/laterbase/scheduler");
    // Adding it restarts no server, and nothing that clients use.
    for (const name of ["primary", "standby", "pooler", "pgadmin", "duplicati"]) {
      const container = `${name}-container`;
      expect(named(made, container).inputs).toEqual(named(without, container).inputs);
    }
  });

  it("of an external primary writes nothing there but its role", async () => {
    const made = await declared("editor", nothing, (keys) => (keys["health"] = {}));
    const { script } = JSON.parse(named(made, "preparation-health").inputs["stdin"] as string) as {
      script: string;
    };
    expect(script).not.toContain('"heartbeat":true');
    const config = JSON.parse(filesOf(made).get("health.json")!.content) as HealthConfig;
    expect(config).toMatchObject({
      managed: false,
      databases: stackKeys("editor")["primary"].databases,
      primary: { host: stackKeys("editor")["primary"].host, port: 5432 },
      services: [
        { name: "pgadmin", host: "laterbase-editor-pgadmin", port: 8080 },
        { name: "duplicati", host: "laterbase-editor-duplicati", port: 8200 },
      ],
      token: false,
    });
    expect(config).not.toHaveProperty("pooler");
    expect(filesOf(made).has("health-token")).toBe(false);
  });

  it("of a managed primary has a heartbeat there", async () => {
    const made = await declared("dev", nothing);
    const { script } = JSON.parse(named(made, "preparation-health").inputs["stdin"] as string) as {
      script: string;
    };
    expect(script).toContain('"heartbeat":true');
  });

  it("has the agent's image of its own where there is no agent, and then no scheduler", async () => {
    const made = await declared("dev", nothing, (keys) => {
      for (const key of ["dumps", "backups", "duplicati"]) delete keys[key];
    });
    expect(named(made, "health-image").inputs["name"]).toBe("laterbase/agent:17-abc");
    expect(made.filter(({ type }) => /BackupAgent|Scheduler$/.test(type))).toEqual([]);
    const config = JSON.parse(filesOf(made).get("health.json")!.content) as HealthConfig;
    expect(config).not.toHaveProperty("agent");
    expect(filesOf(made).has("agent-token")).toBe(false);
  });

  it("is an output without a secret", async () => {
    let laterbase: Laterbase | undefined;
    await render(
      () => {
        const keys = stackKeys("dev");
        full(keys);
        laterbase = new Laterbase("laterbase", {
          ...{ project: "laterbase", stack: "dev", images, folder: "/project" },
          ...{ config: parseConfig(keys, "Pulumi.dev.yaml"), initScripts: [], drift: {} },
        });
      },
      { stack: "dev" },
    );
    expect(await promiseOf(pulumi.output(laterbase!.health))).toEqual({
      url: "http://127.0.0.1:9090",
      container: "laterbase-dev-health",
      dockerHost: null,
      thresholds: { ...defaultThresholds, lagSeconds: 600, lagBytes: 1024 ** 3 },
    });
  });
});

describe("laterbase:health", () => {
  const errors = (health: object, change: (keys: Record<string, any>) => void = nothing) => {
    const keys = { ...stackKeys("dev"), health };
    change(keys);
    try {
      parseConfig(keys, "Pulumi.dev.yaml");
      return [];
    } catch (error) {
      return [...(error as ConfigError).sentences];
    }
  };
  const set = " (set in Pulumi.dev.yaml).";

  it("needs nothing but a line", () => {
    expect(parseConfig({ ...stackKeys("dev"), health: {} }, "x").health).toEqual({
      port: 8080,
      thresholds: { ...defaultThresholds, lagBytes: "256MB" },
      notify: [],
      pings: {},
    });
  });

  const refused: [
    health: object,
    sentence: string,
    change?: (keys: Record<string, any>) => void,
  ][] = [
    [{ port: 8008 }, "laterbase:health has the port 8008 of laterbase:primary; each needs its own"],
    [
      { thresholds: { lagSeconds: 0 } },
      "laterbase:health.thresholds.lagSeconds must be a whole number of seconds from 1 to 604800, such as 60; it is 0",
    ],
    [
      { thresholds: { lag: 5 } },
      "laterbase:health.thresholds.lag is unknown; the known keys are lagSeconds, lagBytes, slotPercent, slotFailedPercent, diskFreePercent, diskFailedPercent, diskDays, jobGrace, jobHours, connectionsPercent, poolWait, walAgeMinutes, transactionAgePercent, schedulerSeconds, clockSeconds, certificateDays, imageDays",
    ],
    [
      { thresholds: { slotPercent: 95 } },
      "laterbase:health.thresholds.slotPercent must be at most laterbase:health.thresholds.slotFailedPercent, which is 90; it is 95",
    ],
    [
      { thresholds: { diskFailedPercent: 20 } },
      "laterbase:health.thresholds.diskFailedPercent must be at most laterbase:health.thresholds.diskFreePercent, which is 10; it is 20",
    ],
    [
      { token: "S3CRET" },
      "laterbase:health.token must be 16 to 200 printable characters without spaces; set it with `pulumi config set --secret --path`",
    ],
    [
      { notify: [{ kind: "irc" }] },
      'laterbase:health.notify[0].kind must be "webhook", "slack", "discord", "ntfy", "matrix" or "email"',
    ],
    [
      { notify: [{ kind: "slack", url: "S3CRET" }] },
      "laterbase:health.notify[0].url must be a URL such as https://example.com/path",
    ],
    [
      { notify: [{ ...notify[1], password: undefined }] },
      "laterbase:health.notify[0].user is set without laterbase:health.notify[0].password: set both, or none",
    ],
    [
      { notify: [{ ...notify[1], security: "none" }] },
      'laterbase:health.notify[0].password would be sent in clear: set laterbase:health.notify[0].security to "starttls" or "tls", or take user and password out',
    ],
    [
      { pings: { dump: "ftp://S3CRET" } },
      "laterbase:health.pings.dump must be a URL such as https://example.com/path",
    ],
    [
      { pings: { verify: "https://hc-ping.com/x" } },
      "laterbase:health.pings.verify is for a job that the stack does not have: set laterbase:backups.schedules.verify, or take the ping out",
      (keys) => delete keys["backups"],
    ],
    [
      { pings: { upload: "https://hc-ping.com/x" } },
      "laterbase:health.pings.upload is for a job that the stack does not have: set laterbase:duplicati, or take the ping out",
      (keys) => delete keys["duplicati"],
    ],
  ];
  it.each(refused)(
    "%j is refused in one sentence, without its secret",
    (health, sentence, change = nothing) => {
      const said = errors(health, change);
      expect(said).toEqual([`${sentence}${set}`]);
      expect(said.join()).not.toContain("S3CRET");
    },
  );
});
