import type Docker from "dockerode";
import type { Props } from "../protocol/provider";
import { CONTAINER_FIELDS, healthcheckState } from "./containerFields";
import { defaults, isEmpty } from "./fields";

const MB = 1024 * 1024;

/** What `docker inspect` returns, with the fields that the typings lack. */
export type Inspected = Docker.ContainerInspectInfo & {
  Config: { StopSignal?: string; StopTimeout?: number };
  NetworkSettings: { Bridge?: string };
};

/**
 * Defaults of inputs that are not implemented. If the official provider takes over a stack, it replaces
 * a container whose state lacks them.
 */
const NOT_IMPLEMENTED = {
  containerReadRefreshTimeoutMilliseconds: 15000,
  networkMode: "bridge",
  stdinOpen: false,
  tty: false,
};

/** The state of a new container, before it is read back. */
export function newState(inputs: Props): Props {
  return { ...NOT_IMPLEMENTED, ...defaults(CONTAINER_FIELDS), ...inputs };
}

/**
 * The state, updated by what the engine returns now. What the official provider does not read back
 * (environment, labels, volumes, uploads, networks) stays as it was.
 */
export function readState(info: Inspected, state: Props): Props {
  const { Config: config, HostConfig: host } = info;
  return {
    ...state,
    ...runState(info, state),
    name: info.Name.replace(/^\//, ""),
    image: String(state.image).startsWith("sha256:") ? info.Image : config.Image,
    hostname: config.Hostname,
    command: config.Cmd ?? [],
    entrypoints: [config.Entrypoint ?? []].flat(),
    user: config.User,
    workingDir: config.WorkingDir,
    healthcheck: config.Healthcheck ? healthcheckState(config.Healthcheck) : state.healthcheck,
    stopSignal: config.StopSignal ?? "",
    stopTimeout: config.StopTimeout ?? undefined,
    restart: host.RestartPolicy?.Name,
    maxRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    rm: host.AutoRemove ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    init: host.Init ?? false,
    ...resourceLimits(host),
    ...security(host, state),
    tmpfs: host.Tmpfs ?? {},
    sysctls: host.Sysctls ?? {},
    hosts: ((host.ExtraHosts ?? []) as string[]).map(splitHost),
    logDriver: host.LogConfig?.Type,
    logOpts: isEmpty(state.logOpts) ? undefined : (host.LogConfig?.Config as Props),
    ulimits: isEmpty(state.ulimits) ? undefined : ((host.Ulimits ?? []) as Ulimit[]).map(ulimit),
    networkMode: host.NetworkMode,
    ipcMode: host.IpcMode,
    runtime: host.Runtime,
    platform: info.Platform,
    networkDatas: networks(info),
    bridge: info.NetworkSettings.Bridge,
  };
}

/** A stopped container that must run is drift, and it has no ports to compare. */
function runState(info: Docker.ContainerInspectInfo, state: Props): Props {
  const running = info.State.Running;
  const mustRun = state.mustRun !== false;
  const readPorts = !isEmpty(state.ports) && (running || mustRun);
  return {
    mustRun: running ? state.mustRun : false,
    ...(running ? {} : { exitCode: info.State.ExitCode }),
    ...(readPorts ? { ports: publishedPorts(info.NetworkSettings.Ports ?? {}) } : {}),
  };
}

function publishedPorts(map: Record<string, { HostIp: string; HostPort: string }[] | null>) {
  return Object.entries(map)
    .flatMap(([key, bindings]) => {
      const [internal, protocol] = key.split("/");
      return (bindings ?? []).map(({ HostIp, HostPort }) => ({
        internal: Number(internal),
        external: Number(HostPort),
        ip: HostIp,
        protocol,
      }));
    })
    .sort((a, b) => a.internal - b.internal);
}

function resourceLimits(host: Docker.HostConfig): Props {
  return {
    memory: megabytes(host.Memory),
    memoryReservation: megabytes(host.MemoryReservation),
    memorySwap: megabytes(host.MemorySwap),
    shmSize: megabytes(host.ShmSize),
    cpuShares: host.CpuShares ?? 0,
  };
}

function megabytes(bytes: number | undefined): number {
  return bytes && bytes > 0 ? Math.floor(bytes / MB) : (bytes ?? 0);
}

function security(host: Docker.HostConfig, state: Props): Props {
  const adds = (host.CapAdd ?? []) as string[];
  const drops = (host.CapDrop ?? []) as string[];
  const some = adds.length > 0 || drops.length > 0;
  return {
    securityOpts: host.SecurityOpt ?? [],
    capabilities: some ? { adds, drops } : state.capabilities,
  };
}

function splitHost(entry: string): Props {
  const [host, ip] = entry.split(":");
  return { host, ip };
}

interface Ulimit {
  Name?: string;
  Soft?: number;
  Hard?: number;
}

function ulimit({ Name, Soft, Hard }: Ulimit): Props {
  return { name: Name, soft: Soft, hard: Hard };
}

function networks(info: Docker.ContainerInspectInfo): Props[] {
  return Object.entries(info.NetworkSettings.Networks ?? {}).map(([networkName, data]) => ({
    networkName,
    ipAddress: data.IPAddress,
    ipPrefixLength: data.IPPrefixLen,
    gateway: data.Gateway,
    globalIpv6Address: data.GlobalIPv6Address,
    globalIpv6PrefixLength: data.GlobalIPv6PrefixLen,
    ipv6Gateway: data.IPv6Gateway,
    macAddress: data.MacAddress,
  }));
}
