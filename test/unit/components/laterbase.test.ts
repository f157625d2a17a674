import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { Laterbase, parseConfig } from "../../../components";

import { type Made, named, promiseOf, render } from "../../support/mocks";

const image = {
  tag: "laterbase/postgres:17-abc",
  context: "images/postgres",
  buildArgs: { PG_MAJOR: "17" },
};
/** What others would be pulled by, or built as a stand-in from. */
const images = {
  postgres: image,
  agent: { tag: "laterbase/agent:17-abc", context: ".laterbase/agent", buildArgs: {} },
  ofelia: { pulled: "mcuadros/ofelia:0.3.21" },
  socketProxy: {
    tag: "laterbase/socket-proxy:1-abc",
    context: ".laterbase/socket-proxy",
    buildArgs: {},
  },
  duplicati: { pulled: "duplicati/duplicati:2.3.0.4" },
  pooler: { tag: "laterbase/pgbouncer:abc", context: "images/pgbouncer", buildArgs: {} },
  pgAdmin: { pulled: "dpage/pgadmin4:9.17" },
};
const initScripts = [
  { name: "10-a.sql", content: Buffer.from("select 'São';") },
  { name: "20-b.sh", content: Buffer.from("true") },
  { name: "30-latin1.sql", content: Buffer.from("select 'S\xe3o';", "latin1") },
  { name: "40-zero.sql", content: Buffer.from("\0") },
];

function stackFile(name: string): Record<string, any> {
  const { config } = parse(readFileSync(`Pulumi.${name}.yaml`, "utf8")) as { config: object };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("laterbase:", ""), value]),
  );
}

/** What a step ignores while nobody changed anything. */
const calm = ["update", "environment.LATERBASE_DRIFT"];

async function stack(name: string, raw: object, drift = {}): Promise<[Made[], Laterbase]> {
  let laterbase: Laterbase | undefined;
  const made = await render(
    () => {
      const config = parseConfig(raw, `Pulumi.${name}.yaml`);
      laterbase = new Laterbase("laterbase", {
        project: "laterbase",
        stack: name,
        config,
        images,
        folder: "/project",
        initScripts: config.primary.kind === "managed" ? initScripts : [],
        drift,
      });
    },
    { stack: name },
  );
  return [made, laterbase!];
}

/** type, name, parent, and whether it outlives its code. */
const listing = (made: Made[]): string[] =>
  made.map(({ type, name, parent, opts }) => {
    const kept = [opts.protect && "protected", opts.retainOnDelete && "retained"].filter(Boolean);
    return [`${type.split(":").at(-1)} ${name}`, parent && `in ${parent}`, ...kept]
      .filter(Boolean)
      .join(" ");
  });

const external = () => {
  const raw = stackFile("prod");
  raw["primary"].superuser.password = "Tr0ub4dor";
  return raw;
};

describe("the tree of a stack", () => {
  it("of dev: a managed primary, its standby, what connects to both, its dumps and their storage", async () => {
    const [made] = await stack("dev", stackFile("dev"));
    expect(listing(made)).toEqual([
      "Laterbase laterbase",
      "docker local in laterbase",
      "Network local-network in laterbase",
      "RemoteImage local-image in laterbase",
      "PgBackRest pgbackrest in laterbase",
      "Volume pgbackrest-conf in pgbackrest",
      "Volume pgbackrest-repositories in pgbackrest protected retained",
      "Volume pgbackrest-spool in pgbackrest",
      "RandomPassword pgbackrest-passphrase in pgbackrest protected",
      "Command pgbackrest-before-primary in laterbase",
      "Primary primary in laterbase",
      "RandomPassword primary-superuser in primary protected",
      "Volume primary-data in primary protected retained",
      "Volume primary-socket in primary",
      "Container primary-container in primary",
      "Command primary-ready in primary",
      "OwnerLogins applications in laterbase",
      "RandomPassword applications-mfi_banking-password in applications",
      "RandomId applications-salt in applications protected",
      "PgBouncer pooler in laterbase",
      "RandomPassword pooler-admin in pooler",
      "RandomPassword pooler-stats in pooler",
      "RemoteImage pooler-image in pooler",
      "Container pooler-container in pooler",
      "SuperuserLogin primary in laterbase",
      "Command primary-login in primary",
      "PoolerConfiguration pooler in laterbase",
      "Command pooler-configuration in pooler",
      "PreparedPrimary preparation in laterbase",
      "RandomId preparation-owner in preparation protected",
      "RandomId preparation-salt in preparation",
      "RandomPassword preparation-password in preparation",
      "Command preparation-preflight in preparation",
      "Command preparation-role in preparation",
      "RandomId preparation-dumps-salt in preparation",
      "RandomPassword preparation-dumps-password in preparation",
      "Command preparation-dumps in preparation",
      "RandomId preparation-pgAdmin-salt in preparation",
      "RandomPassword preparation-pgAdmin-password in preparation",
      "Command preparation-pgAdmin in preparation",
      "Command preparation-backups in preparation",
      "RandomId preparation-health-salt in preparation",
      "RandomPassword preparation-health-password in preparation",
      "Command preparation-health in preparation",
      "Command preparation-cap in preparation",
      "Command preparation-hba in preparation",
      "Command preparation-slot-standby in preparation",
      "Command preparation-probe-standby in preparation",
      "Applications applications in laterbase",
      "Command applications-mfi_banking in applications",
      "Standby standby in laterbase",
      "Volume standby-data in standby protected retained",
      "Volume standby-socket in standby",
      "Container standby-container in standby",
      "Command standby-ready in standby",
      "RemoteImage pgadmin-image in laterbase",
      "Command pgadmin-image-lock in laterbase",
      "PgAdmin pgadmin in laterbase",
      "RandomPassword pgadmin-password in pgadmin protected",
      "Volume pgadmin-data in pgadmin protected retained",
      "Container pgadmin-container in pgadmin",
      "Command pgadmin-ready in pgadmin",
      "PgBackRestConfiguration pgbackrest in laterbase",
      "Command pgbackrest-configuration in pgbackrest",
      "Volume agent-drill in laterbase",
      "Volume backups in laterbase protected retained",
      "RemoteImage duplicati-image in laterbase",
      "Command duplicati-image-lock in laterbase",
      "Duplicati duplicati in laterbase",
      "RandomPassword duplicati-password in duplicati",
      "RandomPassword duplicati-settings-key in duplicati protected",
      "RandomPassword duplicati-passphrase in duplicati protected",
      "Volume duplicati-data in duplicati protected retained",
      "Volume duplicati-archive in duplicati protected retained",
      "Command duplicati-owner in duplicati",
      "Container duplicati-container in duplicati",
      "BackupAgent agent in laterbase",
      "RemoteImage agent-image in agent",
      "RandomPassword agent-overview-token in agent",
      "RandomPassword agent-manifest-key in agent protected",
      "Volume agent-records in agent protected retained",
      "Container agent-container in agent",
      "Command agent-ready in agent",
      "UploadJob duplicati in laterbase",
      "Command duplicati-job in duplicati",
      "RemoteImage ofelia-image in laterbase",
      "Command scheduler-image-lock in laterbase",
      "RemoteImage socket-proxy-image in laterbase",
      "Scheduler scheduler in laterbase",
      "Network scheduler-network in scheduler",
      "Container scheduler-proxy in scheduler",
      "Container scheduler-container in scheduler",
      "HealthMonitor health in laterbase",
      "Volume health-history in health protected retained",
      "Container health-container in health",
      "Command health-ready in health",
      "Command local-process-limits in laterbase",
    ]);
  });

  it("of prod: an external primary, by SQL, too old for a role that only reads", async () => {
    const [made] = await stack("prod", external());
    expect(listing(made)).toEqual([
      "Laterbase laterbase",
      "docker local in laterbase",
      "Network local-network in laterbase",
      "RemoteImage local-image in laterbase",
      "PreparedPrimary preparation in laterbase",
      "ExternalPrimary preparation in preparation",
      "RandomId preparation-owner in preparation",
      "RandomId preparation-salt in preparation",
      "RandomPassword preparation-password in preparation",
      "Command preparation-preflight in preparation",
      "Command preparation-order in preparation",
      "Command preparation-role in preparation",
      "Command preparation-cap in preparation",
      "Command preparation-hba in preparation",
      "Command preparation-slot-standby in preparation",
      "Command preparation-probe-standby in preparation",
      "Standby standby in laterbase",
      "Volume standby-data in standby protected retained",
      "Volume standby-socket in standby",
      "Container standby-container in standby",
      "Command standby-ready in standby",
      "Command standby-order in standby",
      "Volume backups in laterbase protected retained",
      "BackupAgent agent in laterbase",
      "RemoteImage agent-image in agent",
      "RandomPassword agent-manifest-key in agent protected",
      "Volume agent-records in agent protected retained",
      "Container agent-container in agent",
      "Command agent-ready in agent",
      "RemoteImage ofelia-image in laterbase",
      "Command scheduler-image-lock in laterbase",
      "RemoteImage socket-proxy-image in laterbase",
      "Scheduler scheduler in laterbase",
      "Network scheduler-network in scheduler",
      "Container scheduler-proxy in scheduler",
      "Container scheduler-container in scheduler",
      "Command local-process-limits in laterbase",
    ]);
  });

  it("goes over SSH where access says so, all but the probe", async () => {
    const raw = external();
    const access = {
      kind: "ssh",
      user: "admin",
      privateKey: "PRIVATE",
      hostKey: "ssh-ed25519 AAAA",
      sudo: true,
    };
    raw["primary"].access = access;
    const [made] = await stack("prod", raw);
    const commands = made.filter(
      ({ type, name }) => type.startsWith("command:") && name.startsWith("prep"),
    );
    const ssh = { host: "192.168.1.20", port: 22, user: "admin", hostKey: "ssh-ed25519 AAAA" };
    expect(
      commands.map(({ type, name, inputs }) => [
        type.split(":")[1],
        name.replace("preparation-", ""),
        (JSON.parse(inputs["stdin"] as string) as { ssh?: object }).ssh,
      ]),
    ).toEqual([
      ...["preflight", "order", "role", "cap", "hba", "slot-standby"].map((step) => [
        ...["local", step],
        { ...ssh, privateKey: "PRIVATE" },
      ]),
      ["local", "probe-standby", undefined],
    ]);
    const role = named(made, "preparation-role");
    expect(role.inputs["create"]).toBe("node --require tsx/cjs scripts/steps/primaryStep.ts apply");
    expect(role.inputs["environment"]).toEqual({});
    expect(role.secrets).toEqual(["stdin"]);
  });

  it("makes an engine's network and image once, and names are never taken twice", async () => {
    const raw = external();
    raw["standbys"] = [
      { name: "one", port: 5433 },
      { name: "two", port: 5434 },
      { name: "far", port: 5433, dockerHost: "ssh://media@nas.local" },
    ];
    const [made] = await stack("prod", raw);
    const images = made.filter(({ type }) => type.endsWith(":RemoteImage")).map(({ name }) => name);
    const postgres = images.filter((name) => /^(local|ssh)/.test(name));
    expect(postgres).toEqual(["local-image", "ssh-media-nas-local-image"]);
    const names = made.map(({ type, name }) => `${type}::${name}`);
    expect(new Set(names).size).toBe(names.length);
    const provider = named(made, "far-container").opts.provider;
    expect(await promiseOf((provider as any).host)).toBe("ssh://media@nas.local");
  });

  it("without a standby lacks what belongs to one, and differs in nothing else", async () => {
    const raw = stackFile("dev");
    const [withOne] = await stack("dev", raw);
    const [made, laterbase] = await stack("dev", { ...raw, standbys: [] });
    const ofStandby = /standby/i;
    expect(listing(made)).toEqual(listing(withOne).filter((one) => !ofStandby.test(one)));
    const absent = Object.fromEntries(Object.entries(raw).filter(([key]) => key !== "standbys"));
    const [again] = await stack("dev", absent);
    expect(listing(again)).toEqual(listing(made));

    expect(laterbase.standbys).toEqual({});
    const [uris] = Object.values(await promiseOf(laterbase.connections));
    expect(Object.keys(uris!)).toEqual(["direct", "pooled", "internal"]);
    expect(laterbase.pgAdmin!.servers.map(({ name }) => name)).toEqual(["primary"]);
    expect(laterbase.backups.dumps!.source).toBe("primary");
    const text = (name: string, of = made) => named(of, name).inputs["stdin"] as string;
    expect(text("pooler-configuration")).not.toMatch(/_ro = /);
    const ini = (of: Made[]) =>
      (JSON.parse(text("pooler-configuration", of)) as Record<string, string>)["pgbouncer.ini"]!;
    // The first standby adds its entries and changes no other pool.
    expect(
      ini(withOne)
        .split("\n")
        .filter((line) => !line.includes("_ro ")),
    ).toEqual(ini(made).split("\n"));
    const agent = named(made, "agent-container").inputs["uploads"].find(
      ({ file }: { file: string }) => file.endsWith("/agent.json"),
    );
    const config = JSON.parse(agent.content);
    expect(config.standby).toBeUndefined();
    expect(config.dumps.source).toBe("primary");
    for (const name of ["primary-container", "duplicati-container", "scheduler-container"]) {
      expect(named(made, name).inputs).toEqual(named(withOne, name).inputs);
    }
  });

  it("gives the outputs of the contract; connections are secret", async () => {
    const [, laterbase] = await stack("dev", stackFile("dev"));
    expect(laterbase.primary).toEqual({
      host: "127.0.0.1",
      port: 8008,
      version: 17,
      databases: ["mfi_banking"],
      container: "laterbase-dev-primary",
      dockerHost: null,
    });
    expect(laterbase.standbys).toEqual({
      standby: { host: "127.0.0.1", port: 8009, slot: "laterbase_standby_slot" },
    });
    expect(await pulumi.isSecret(laterbase.connections)).toBe(true);
    const login = "mfi_banking:password-of-applications-mfi_banking-password";
    expect(await promiseOf(laterbase.connections)).toEqual({
      mfi_banking: {
        direct: `postgresql://${login}@127.0.0.1:8008/mfi_banking`,
        pooled: `postgresql://${login}@127.0.0.1:6432/mfi_banking`,
        standby: `postgresql://${login}@127.0.0.1:8009/mfi_banking`,
        internal: {
          direct: `postgresql://${login}@laterbase-dev-primary:5432/mfi_banking`,
          pooled: `postgresql://${login}@laterbase-dev-pooler:6432/mfi_banking`,
          standby: `postgresql://${login}@laterbase-dev-standby:5432/mfi_banking`,
        },
      },
    });
    const { admin, stats, ...pooler } = laterbase.pooler!;
    expect(pooler).toEqual({
      host: "127.0.0.1",
      port: 6432,
      mode: "transaction",
      container: "laterbase-dev-pooler",
      dockerHost: null,
    });
    const { password, ...page } = laterbase.pgAdmin!;
    expect(page).toEqual({
      url: "http://127.0.0.1:5050",
      email: "me@example.com",
      servers: ["primary", "standby"].map((name) => ({
        name,
        host: `laterbase-dev-${name}`,
        port: 5432,
        username: "laterbase_dev_pgadmin",
        maintenanceDatabase: "postgres",
      })),
    });
    for (const secret of [admin.password, stats.password, password]) {
      expect(await pulumi.isSecret(secret)).toBe(true);
    }
  });

  it("lets pgAdmin connect as the superuser where that is asked for, and makes no role", async () => {
    const raw = stackFile("dev");
    const [made, laterbase] = await stack("dev", {
      ...raw,
      pgAdmin: { ...raw["pgAdmin"], superuser: true },
    });
    expect(made.filter(({ name }) => name.startsWith("preparation-pgAdmin"))).toEqual([]);
    expect(laterbase.pgAdmin!.servers.map(({ username }) => username)).toEqual([
      "postgres",
      "postgres",
    ]);
    const passfile = named(made, "pgadmin-container").inputs["uploads"].find(
      ({ file }: { file: string }) => file === "/etc/laterbase/pgpass",
    );
    expect(passfile.content).toContain(":*:postgres:password-of-primary-superuser\n");
  });

  it("without a pooler or pgAdmin there is nothing of either", async () => {
    const [made, laterbase] = await stack("prod", external());
    expect(made.filter(({ name }) => /^(pooler|pgadmin)/.test(name))).toEqual([]);
    expect([laterbase.pooler, laterbase.pgAdmin]).toEqual([undefined, undefined]);
    expect(await promiseOf(laterbase.connections)).toEqual({
      // Laterbase makes no role there, so the addresses have no login.
      ResolveProjects: {
        direct: "postgresql://192.168.1.20:5432/ResolveProjects",
        standby: "postgresql://127.0.0.1:5433/ResolveProjects",
        internal: {
          direct: "postgresql://192.168.1.20:5432/ResolveProjects",
          standby: "postgresql://laterbase-prod-standby:5432/ResolveProjects",
        },
      },
    });
  });

  it("a standby on another engine reaches a managed primary by its published port", async () => {
    const raw = stackFile("dev");
    raw["bindAddress"] = "192.168.1.10";
    raw["primary"].allowFrom = ["192.168.1.0/24"];
    raw["standbys"].push({
      name: "far",
      port: 8009,
      dockerHost: "ssh://nas",
      bindAddress: "127.0.0.1",
    });
    const [made] = await stack("dev", raw);
    const host = (name: string) =>
      named(made, name).inputs["envs"].filter((env: string) => env.startsWith("PRIMARY_"));
    expect(host("standby-container")).toEqual([
      "PRIMARY_HOST=laterbase-dev-primary",
      "PRIMARY_PORT=5432",
    ]);
    expect(host("far-container")).toEqual(["PRIMARY_HOST=192.168.1.10", "PRIMARY_PORT=8008"]);
  });
});

describe("the containers", () => {
  const archiving = [
    {
      volumeName: "laterbase-dev-pgbackrest-conf",
      containerPath: "/etc/pgbackrest",
      readOnly: true,
    },
    { volumeName: "laterbase-dev-repositories", containerPath: "/var/lib/pgbackrest" },
    { volumeName: "laterbase-dev-primary-spool", containerPath: "/var/spool/pgbackrest" },
  ];

  it("are hardened, stop cleanly and replace themselves before the next one starts", async () => {
    const [made] = await stack("dev", stackFile("dev"));
    for (const role of ["primary", "standby"]) {
      const { inputs, opts } = named(made, `${role}-container`);
      expect(inputs).toMatchObject({
        name: `laterbase-dev-${role}`,
        image: image.tag,
        command: [role],
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        memory: 2048,
        memorySwap: 2048,
        shmSize: 256,
        restart: "unless-stopped",
        destroyGraceSeconds: 60,
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
        labels: [
          { label: "laterbase.role", value: role },
          { label: "laterbase.stack", value: "dev" },
        ],
        volumes: [
          {
            volumeName: `laterbase-dev-${role}-data`,
            containerPath: `/var/lib/postgresql/${role}`,
          },
          { volumeName: `laterbase-dev-${role}-socket`, containerPath: `/run/pg/${role}` },
          ...(role === "primary" ? archiving : []),
        ],
      });
      expect(inputs["ports"]).toEqual([
        { internal: 5432, external: role === "primary" ? 8008 : 8009, ip: "127.0.0.1" },
      ]);
      expect(opts).toMatchObject({
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "tmpfs", "init"],
      });
      expect(named(made, `${role}-data`).opts).toMatchObject({
        protect: true,
        retainOnDelete: true,
        ignoreChanges: ["labels", "driver", "driverOpts"],
      });
    }
  });

  it("get the init scripts with every byte: what is no UTF-8 is no text", async () => {
    const [made] = await stack("dev", stackFile("dev"));
    const uploads = named(made, "primary-container").inputs["uploads"] as Record<string, string>[];
    const scripts = uploads.filter(({ file }) => file!.startsWith("/etc/laterbase/init/"));
    expect(scripts.map(({ content, contentBase64 }) => [content, contentBase64])).toEqual([
      ["select 'São';", undefined],
      ["true", undefined],
      [undefined, "c2VsZWN0ICdT428nOw=="],
      [undefined, "AA=="],
    ]);
  });

  it("get their secrets as files that PostgreSQL's user alone can read, never by the environment", async () => {
    const [made] = await stack("dev", stackFile("dev"));
    const files = (name: string) =>
      named(made, name).inputs["uploads"].map((upload: any) => [
        upload.file,
        upload.permissions,
        `${upload.owner}:${upload.group}`,
      ]);
    expect(files("primary-container")).toEqual([
      ["/etc/laterbase/superuser-password", "0400", "999:999"],
      ["/etc/laterbase/postgresql.conf", "0444", "999:999"],
      ["/etc/laterbase/init/10-a.sql", "0444", "999:999"],
      ["/etc/laterbase/init/20-b.sh", "0555", "999:999"],
      ["/etc/laterbase/init/30-latin1.sql", "0444", "999:999"],
      ["/etc/laterbase/init/40-zero.sql", "0444", "999:999"],
    ]);
    expect(files("standby-container")).toEqual([
      ["/etc/laterbase/pgpass", "0400", "999:999"],
      ["/etc/laterbase/postgresql.conf", "0444", "999:999"],
    ]);
    for (const { name, inputs, secrets } of made) {
      const open = Object.entries(inputs).filter(([key]) => !secrets.includes(key));
      expect([name, JSON.stringify(open)]).toEqual([
        name,
        expect.not.stringContaining("password-of-"),
      ]);
    }
    const [pgpass] = named(made, "standby-container").inputs["uploads"];
    expect(pgpass.content).toBe(
      "laterbase-dev-primary:5432:replication:laterbase_dev:password-of-preparation-password\n",
    );
  });

  it("of an old primary let md5 passwords in, those of a new one do not", async () => {
    const auth = (made: Made[]) => named(made, "standby-container").inputs["envs"];
    expect(auth((await stack("prod", external()))[0])).toContain("CLIENT_AUTH=md5");
    expect(auth((await stack("dev", stackFile("dev")))[0])).toContain("CLIENT_AUTH=scram-sha-256");
  });
});

describe("a step on the primary", () => {
  it("sends its values by standard input and undoes itself on destroy", async () => {
    const [made] = await stack("dev", stackFile("dev"));
    const { inputs, opts, secrets } = named(made, "preparation-role");
    const inContainer = "node --require tsx/cjs scripts/steps/primaryStep.ts";
    expect(inputs).toMatchObject({
      create: `${inContainer} apply`,
      update: `${inContainer} apply`,
      delete: `${inContainer} remove`,
      environment: {
        LATERBASE_ENGINE: "",
        LATERBASE_IMAGE: image.tag,
        LATERBASE_NETWORK: "laterbase-dev",
      },
      addPreviousOutputInEnv: false,
    });
    expect(secrets).toEqual(["stdin"]);
    expect(inputs["stdin"]).toContain("laterbase/dev#1a2b3c4d");
    expect(inputs["stdin"]).toContain("SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$");
    expect(inputs["stdin"]).not.toContain("password-of-preparation-password");
    expect(opts).toMatchObject({ deleteBeforeReplace: true, ignoreChanges: calm });
    expect(named(made, "preparation-preflight").inputs["delete"]).toBeUndefined();
    expect(named(made, "preparation-probe-standby").inputs["delete"]).toBeUndefined();
  });

  it("shows what somebody changed on the primary, and only then runs again", async () => {
    const drift = { "slot-standby": "slot laterbase_standby_slot is gone" };
    const [made] = await stack("dev", stackFile("dev"), drift);
    const slot = named(made, "preparation-slot-standby");
    expect(slot.inputs["update"]).toMatch(/ repair$/);
    expect(slot.inputs["environment"].LATERBASE_DRIFT).toBe("slot laterbase_standby_slot is gone");
    expect(slot.opts.ignoreChanges).toEqual([]);
    expect(named(made, "preparation-role").opts.ignoreChanges).toEqual(calm);
  });
});
