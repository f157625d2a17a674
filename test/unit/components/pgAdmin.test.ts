import { PgAdmin, type PgAdminArgs } from "../../../components/pgAdmin/pgAdmin";
import { allowedHosts } from "../../../components/pgAdmin/hosts";
import type { Engine } from "../../../components/kit/engine";
import { pgAdminSchema } from "../../../components/pgAdmin/schema";
import { renderPassfile } from "../../../components/pgAdmin/files";
import { type Made, named, promiseOf, render } from "../../support/mocks";
import { testStack } from "../../support/testStack";

const servers = [
  {
    name: "Primary",
    host: "laterbase-dev-primary",
    port: 5432,
    username: "postgres",
    maintenanceDatabase: "postgres",
  },
  {
    name: "Standby",
    host: "laterbase-dev-standby",
    port: 5432,
    username: "postgres",
    maintenanceDatabase: "postgres",
  },
];

/** pgAdmin in a stack dev. It proves what is asked for, not what Docker makes of it. */
async function stack(
  args: Partial<PgAdminArgs> = {},
  place: { bindAddress?: string; host?: string } = {},
): Promise<[Made[], PgAdmin]> {
  let pgAdmin: PgAdmin | undefined;
  const made = await render(() => {
    pgAdmin = new PgAdmin("pgadmin", {
      stack: testStack(place),
      config: pgAdminSchema.parse({ port: 5050, email: "me@example.com" }),
      image: "dpage/pgadmin4:9.17",
      servers,
      password: "Tr0ub4dor",
      after: [],
      ...args,
    });
  });
  return [made.filter(({ name }) => name.startsWith("pgadmin")), pgAdmin!];
}

describe("PgAdmin", () => {
  it("is these resources; what people saved in it outlives the code", async () => {
    const [made] = await stack();
    const listing = made.map(({ type, name, opts }) =>
      [type.split(":").at(-1), name, opts.protect && "protected", opts.retainOnDelete && "retained"]
        .filter(Boolean)
        .join(" "),
    );
    expect(listing.sort()).toEqual([
      "Command pgadmin-ready",
      "Container pgadmin-container",
      "PgAdmin pgadmin",
      "RandomPassword pgadmin-password protected",
      "Volume pgadmin-data protected retained",
    ]);
  });

  it("is a container of pgAdmin's own user that may do nothing else", async () => {
    const [made] = await stack();
    const { inputs, opts } = named(made, "pgadmin-container");
    expect(inputs).toMatchObject({
      name: "laterbase-dev-pgadmin",
      hostname: "pgadmin",
      image: "dpage/pgadmin4:9.17",
      entrypoints: ["/etc/laterbase/start"],
      init: true,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 1024,
      memorySwap: 1024,
      restart: "unless-stopped",
      envs: ["TZ=Europe/London"],
      networksAdvanced: [{ name: "laterbase-dev", aliases: ["pgadmin"] }],
      ports: [{ internal: 8080, external: 5050, ip: "127.0.0.1" }],
      volumes: [{ volumeName: "laterbase-dev-pgadmin-data", containerPath: "/var/lib/pgadmin" }],
    });
    expect(inputs["healthcheck"].tests).toEqual(["CMD", "/usr/local/bin/laterbase-health"]);
    expect(opts).toMatchObject({
      deleteBeforeReplace: true,
      replaceOnChanges: ["healthcheck", "init"],
    });
  });

  it("waits until the page is there", async () => {
    const [made] = await stack();
    expect(named(made, "pgadmin-ready").inputs).toMatchObject({
      create: "node --require tsx/cjs scripts/steps/ready.ts laterbase-dev-pgadmin",
      triggers: ["pgadmin-container-id"],
    });
    expect(named(made, "pgadmin-ready").parent).toBe("pgadmin");
  });

  it("tells in its file exactly the servers that it gives as output", async () => {
    const [made, pgAdmin] = await stack();
    const file = named(made, "pgadmin-container").inputs["uploads"].find(
      ({ file: path }: { file: string }) => path === "/etc/laterbase/pgadmin.json",
    );
    expect(JSON.parse(file.content)).toEqual({
      email: "me@example.com",
      cookie: "pgadmin-laterbase-dev",
      hosts: { names: ["localhost", "127.0.0.1", "::1"], anyAddress: false },
      servers,
    });
    expect(pgAdmin.access).toMatchObject({
      url: "http://127.0.0.1:5050",
      email: "me@example.com",
      servers,
    });
    expect(await promiseOf(pgAdmin.access.password)).toBe("password-of-pgadmin-password");
  });

  it("is opened by the engine's name where it listens everywhere", async () => {
    const [, remote] = await stack({}, { bindAddress: "0.0.0.0", host: "ssh://media@nas.local" });
    expect(remote.access.url).toBe("http://nas.local:5050");
    const [, six] = await stack({}, { bindAddress: "fd00::1" });
    expect(six.access.url).toBe("http://[fd00::1]:5050");
  });

  it.each([
    ["192.168.1.5", undefined, [], ["192.168.1.5"], false],
    ["FD00::1", "ssh://media@NAS.local", [], ["fd00::1", "nas.local"], false],
    ["0.0.0.0", "tcp://[fd00::9]:2376", ["pg.Example.com"], ["fd00::9", "pg.example.com"], true],
    ["::", undefined, ["10.1.1.1"], ["10.1.1.1"], true],
  ])("on %s of engine %s with %j answers to %j", (bindAddress, host, more, names, anyAddress) => {
    const engine = { ...(host ? { host } : {}) } as Engine;
    expect(allowedHosts({ bindAddress, engine }, more)).toEqual({
      names: ["localhost", "127.0.0.1", "::1", ...names],
      anyAddress,
    });
  });

  it("gets its secrets as files of its own user, and nothing else holds one", async () => {
    const [made] = await stack();
    const { inputs, secrets } = named(made, "pgadmin-container");
    const files = inputs["uploads"] as Record<string, string>[];
    expect(files.map((one) => [one["file"], one["permissions"]])).toEqual([
      ["/etc/laterbase/start", "0555"],
      ["/usr/local/bin/laterbase-health", "0555"],
      ["/etc/laterbase/config_distro.py", "0444"],
      ["/etc/laterbase/laterbase_pgadmin.py", "0444"],
      ["/etc/laterbase/laterbase_hosts.py", "0444"],
      ["/etc/laterbase/laterbase_login.py", "0444"],
      ["/etc/laterbase/laterbase_servers.py", "0444"],
      ["/etc/laterbase/pgadmin.json", "0444"],
      ["/etc/laterbase/password", "0400"],
      ["/etc/laterbase/pgpass", "0400"],
    ]);
    for (const { owner, group } of files) expect([owner, group]).toEqual(["5050", "0"]);
    expect(secrets).toEqual(["uploads"]);
    for (const one of made) {
      const open = Object.entries(one.inputs).filter(([key]) => !one.secrets.includes(key));
      expect([one.name, JSON.stringify(open)]).toEqual([
        one.name,
        expect.not.stringMatching(/password-of-|Tr0ub4dor/),
      ]);
    }
  });
});

describe("renderPassfile", () => {
  it("has a line for each server, with everything escaped that separates", async () => {
    const odd = [
      ...servers,
      {
        name: "Far",
        host: "fd00::7",
        port: 6000,
        username: "a:b",
        maintenanceDatabase: "My Library",
      },
    ];
    expect(await promiseOf(renderPassfile({ servers: odd, serverPassword: "p:\\w" }))).toBe(
      [
        "laterbase-dev-primary:5432:*:postgres:p\\:\\\\w\n",
        "laterbase-dev-standby:5432:*:postgres:p\\:\\\\w\n",
        "fd00\\:\\:7:6000:*:a\\:b:p\\:\\\\w\n",
      ].join(""),
    );
  });

  it("is a remark where no password is configured, so that pgAdmin asks for it", async () => {
    const file = await promiseOf(renderPassfile({ servers, serverPassword: "" }));
    expect(file).toBe("# No password is configured.\n");
  });
});
