import { containerSpec, updatable } from "../../../scripts/providers/docker/containerSpec";
import { inputs } from "../../support/unit/dockerFixtures";

const MB = 1024 * 1024;

it("requests what the inputs say", () => {
  const spec = containerSpec(inputs());
  expect(spec).toMatchObject({
    name: "laterbase-dev-primary",
    Image: "laterbase/postgres:17-0123456789ab",
    Cmd: ["primary"],
    User: "postgres",
    Env: ["TZ=UTC", "A=1"],
    Labels: { "laterbase.role": "standby" },
    StopSignal: "SIGINT",
    StopTimeout: 60,
    ExposedPorts: { "5432/tcp": {} },
    Volumes: { "/data": {} },
    Healthcheck: { Test: ["CMD", "true"], Interval: 2e9, Timeout: 60e9, Retries: 3 },
  });
  expect(spec.HostConfig).toMatchObject({
    NetworkMode: "bridge",
    Init: true,
    Binds: ["data:/data:rw"],
    CapAdd: ["CAP_CHOWN"],
    CapDrop: ["ALL"],
    PortBindings: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "18008" }] },
    LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
    RestartPolicy: { Name: "unless-stopped" },
    SecurityOpt: ["no-new-privileges:true"],
    ExtraHosts: ["x:10.0.0.1"],
    Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 2048 }],
    Tmpfs: { "/tmp": "size=1m" },
    Memory: 512 * MB,
    MemorySwap: 512 * MB,
    ShmSize: 64 * MB,
    CpuShares: 100,
  });
});

it("leaves missing inputs to the image", () => {
  const spec = containerSpec({ name: "a", image: "b", entrypoints: [], command: [] });
  expect(spec.Cmd).toBeUndefined();
  expect(spec.Entrypoint).toBeUndefined();
  expect(spec.Healthcheck).toBeUndefined();
  expect(spec.HostConfig).toMatchObject({ RestartPolicy: { Name: "no" }, Init: false });
});

it("mounts volumes, directories and the volumes of another container", () => {
  const { HostConfig, Volumes } = containerSpec({
    volumes: [
      { containerPath: "/a", volumeName: "v" },
      { containerPath: "/b", hostPath: "/srv", readOnly: true },
      { containerPath: "/anonymous" },
      { fromContainer: "other" },
    ],
  });
  expect(HostConfig?.Binds).toEqual(["v:/a:rw", "/srv:/b:ro"]);
  expect(HostConfig?.VolumesFrom).toEqual(["other"]);
  expect(Object.keys(Volumes ?? {})).toEqual(["/a", "/b", "/anonymous"]);
});

it("publishes one port at several addresses", () => {
  const ports = [
    { internal: 53, external: 5353, protocol: "udp" },
    { internal: 53, external: 5354, ip: "127.0.0.1", protocol: "udp" },
  ];
  expect(containerSpec({ ports }).HostConfig?.PortBindings).toEqual({
    "53/udp": [
      { HostIp: "0.0.0.0", HostPort: "5353" },
      { HostIp: "127.0.0.1", HostPort: "5354" },
    ],
  });
});

it("translates the client's own security option for the engine", () => {
  const securityOpts = ["systempaths=unconfined", "no-new-privileges:true"];
  expect(containerSpec({ securityOpts }).HostConfig).toMatchObject({
    SecurityOpt: ["no-new-privileges:true"],
    MaskedPaths: [],
    ReadonlyPaths: [],
  });
});

it("passes on unlimited swap unchanged", () => {
  expect(updatable({ memory: 2, memorySwap: -1 })).toMatchObject({
    Memory: 2 * MB,
    MemorySwap: -1,
  });
});
