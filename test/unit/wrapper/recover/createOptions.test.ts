import { type Inspected, recipeOf } from "../../../../scripts/wrapper/recover/createOptions";

const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/** A standby as `docker inspect` shows it on an engine of API 1.41, shortened where all is passed on. */
const info = (change: {
  mode?: string;
  networks?: Record<string, Record<string, unknown>>;
}): Inspected =>
  ({
    Id: id,
    Name: "/laterbase-dev-standby",
    Image: "sha256:77",
    Config: {
      Hostname: "standby",
      User: "postgres",
      Env: ["TZ=UTC", "PATH=/usr/bin"],
      Cmd: ["standby"],
      Healthcheck: { Test: ["CMD", "/usr/local/bin/laterbase-health"], Interval: 30e9, Retries: 3 },
      Image: "laterbase/postgres:17-0123",
      Labels: { "laterbase.role": "standby", "laterbase.stack": "dev" },
      ExposedPorts: { "5432/tcp": {} },
      StopSignal: "SIGINT",
      StopTimeout: 60,
    },
    HostConfig: {
      Binds: ["laterbase-dev-standby-data:/var/lib/postgresql/standby:rw"],
      NetworkMode: change.mode ?? "bridge",
      PortBindings: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "8009" }] },
      RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
      Memory: 2147483648,
      PidsLimit: 4096,
      CapDrop: ["ALL"],
    },
    NetworkSettings: {
      Networks: change.networks ?? {
        "laterbase-dev": {
          IPAMConfig: {},
          Links: null,
          Aliases: ["standby", id.slice(0, 12)],
          NetworkID: "n1",
          EndpointID: "e1",
          Gateway: "172.18.0.1",
          IPAddress: "172.18.0.4",
          MacAddress: "02:42:ac:12:00:04",
          DriverOpts: null,
        },
      },
    },
  }) as unknown as Inspected;

it("asks for the container as it was, and for what the engine chooses it does not ask", () => {
  const { Config, HostConfig } = info({});
  expect(recipeOf(info({}))).toEqual({
    options: { ...Config, name: "laterbase-dev-standby", HostConfig },
    connect: [{ network: "laterbase-dev", endpoint: { Aliases: ["standby"] } }],
    leavesBridge: true,
  });
});

it("keeps an address, links and options that somebody asked for", () => {
  const networks = {
    "laterbase-dev": {
      IPAMConfig: { IPv4Address: "172.18.0.9" },
      Links: ["db:database"],
      Aliases: null,
      DriverOpts: { a: "b" },
    },
  };
  expect(recipeOf(info({ networks })).connect).toEqual([
    {
      network: "laterbase-dev",
      endpoint: {
        IPAMConfig: { IPv4Address: "172.18.0.9" },
        Links: ["db:database"],
        DriverOpts: { a: "b" },
        Aliases: [],
      },
    },
  ]);
});

it("stays in the default network where it was in it", () => {
  const networks = { bridge: { Aliases: null }, other: { Aliases: ["x"] } };
  expect(recipeOf(info({ networks }))).toMatchObject({
    connect: [{ network: "other", endpoint: { Aliases: ["x"] } }],
    leavesBridge: false,
  });
});

it("joins a network at its creation where its mode names one, as of other tools", () => {
  const networks = { lan: { Aliases: ["db", id.slice(0, 12)] }, other: { Aliases: ["x"] } };
  const recipe = recipeOf(info({ mode: "lan", networks }));
  expect(recipe.options.NetworkingConfig).toEqual({
    EndpointsConfig: { lan: { Aliases: ["db"] } },
  });
  expect(recipe).toMatchObject({ connect: [{ network: "other" }], leavesBridge: false });
});

it.each(["none", "host", "container:abc"])("connects nothing with the mode %s", (mode) => {
  const recipe = recipeOf(info({ mode, networks: { host: {} } }));
  expect(recipe).toMatchObject({ connect: [], leavesBridge: false });
  expect(recipe.options.NetworkingConfig).toBeUndefined();
});
