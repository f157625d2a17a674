import type { Inspected } from "../../../scripts/providers/docker/containerState";
import type { Props } from "../../../scripts/providers/protocol/provider";

const MB = 1024 * 1024;

/** A container with every input that Laterbase uses. */
export function inputs(): Props {
  return {
    name: "laterbase-dev-primary",
    image: "laterbase/postgres:17-0123456789ab",
    command: ["primary"],
    hostname: "primary",
    user: "postgres",
    workingDir: "/",
    init: true,
    envs: ["TZ=UTC", "A=1"],
    labels: [{ label: "laterbase.role", value: "standby" }],
    networksAdvanced: [{ name: "laterbase-dev", aliases: ["db", "primary"] }],
    ports: [{ internal: 5432, external: 18008, ip: "127.0.0.1", protocol: "tcp" }],
    volumes: [{ containerPath: "/data", volumeName: "data" }],
    uploads: [{ file: "/etc/x", content: "text", permissions: "0400", owner: "999" }],
    healthcheck: { tests: ["CMD", "true"], interval: "2s", timeout: "1m0s", retries: 3 },
    restart: "unless-stopped",
    destroyGraceSeconds: 60,
    stopSignal: "SIGINT",
    stopTimeout: 60,
    memory: 512,
    memorySwap: 512,
    cpuShares: 100,
    shmSize: 64,
    securityOpts: ["no-new-privileges:true"],
    capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN"] },
    logDriver: "json-file",
    logOpts: { "max-size": "10m" },
    ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    tmpfs: { "/tmp": "size=1m" },
    hosts: [{ host: "x", ip: "10.0.0.1" }],
    sysctls: { "net.core.somaxconn": "256" },
  };
}

/** What `docker inspect` returns for that container, without unused fields. */
export function inspected(): Inspected {
  return {
    Id: "c0ffee",
    Name: "/laterbase-dev-primary",
    Image: "sha256:1234",
    State: { Running: true, ExitCode: 0 },
    Config: {
      Image: "laterbase/postgres:17-0123456789ab",
      Cmd: ["primary"],
      Entrypoint: ["/usr/local/bin/laterbase-entrypoint"],
      Hostname: "primary",
      User: "postgres",
      WorkingDir: "/",
      Env: ["TZ=UTC", "A=1", "PATH=/bin"],
      Labels: { "laterbase.role": "standby", "of.the.image": "yes" },
      Healthcheck: { Test: ["CMD", "true"], Interval: 2e9, Timeout: 60e9, Retries: 3 },
      StopSignal: "SIGINT",
      StopTimeout: 60,
    },
    HostConfig: {
      AutoRemove: false,
      Binds: ["data:/data:rw"],
      CapAdd: ["CAP_CHOWN"],
      CapDrop: ["ALL"],
      CpuShares: 100,
      ExtraHosts: ["x:10.0.0.1"],
      Init: true,
      LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
      Memory: 512 * MB,
      MemoryReservation: 0,
      MemorySwap: 512 * MB,
      NetworkMode: "bridge",
      ReadonlyRootfs: false,
      RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
      SecurityOpt: ["no-new-privileges:true"],
      ShmSize: 64 * MB,
      Sysctls: { "net.core.somaxconn": "256" },
      Tmpfs: { "/tmp": "size=1m" },
      Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 2048 }],
    },
    NetworkSettings: {
      Bridge: "",
      Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "18008" }] },
      Networks: { "laterbase-dev": { IPAddress: "172.18.0.2", IPPrefixLen: 16 } },
    },
  } as unknown as Inspected;
}
