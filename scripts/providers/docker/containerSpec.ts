import type Docker from "dockerode";
import type { Props } from "../protocol/provider";
import type { ContainerInputs, Healthcheck, Mount, Port } from "./containerInputs";
import { parseDuration } from "./durations";
import { labelMap } from "./labels";

const MB = 1024 * 1024;

/** The engine's create request for these inputs. */
export function containerSpec(props: Props): Docker.ContainerCreateOptions {
  const inputs = props as unknown as ContainerInputs;
  const { ports = [], volumes = [] } = inputs;
  const mounted = volumes.flatMap(({ containerPath }) => containerPath || []);
  return {
    name: inputs.name,
    Image: inputs.image,
    Hostname: inputs.hostname,
    Env: inputs.envs,
    Cmd: present(inputs.command),
    Entrypoint: present(inputs.entrypoints),
    User: inputs.user,
    WorkingDir: inputs.workingDir,
    Labels: labelMap(props.labels),
    StopSignal: inputs.stopSignal,
    StopTimeout: inputs.stopTimeout || undefined,
    Healthcheck: inputs.healthcheck && healthcheck(inputs.healthcheck),
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    Volumes: Object.fromEntries(mounted.map((path) => [path, {}])),
    HostConfig: hostConfig(inputs, ports, volumes),
  };
}

function hostConfig(inputs: ContainerInputs, ports: Port[], volumes: Mount[]): Docker.HostConfig {
  const { hosts = [], ulimits = [], capabilities = {} } = inputs;
  return {
    // As in the official provider. The wanted networks are connected afterwards.
    NetworkMode: "bridge",
    RestartPolicy: {
      Name: inputs.restart ?? "no",
      MaximumRetryCount: inputs.maxRetryCount,
    },
    AutoRemove: inputs.rm === true,
    ReadonlyRootfs: inputs.readOnly === true,
    Init: inputs.init === true,
    LogConfig: { Type: inputs.logDriver ?? "", Config: inputs.logOpts ?? {} },
    Tmpfs: inputs.tmpfs,
    PortBindings: portBindings(ports),
    Binds: binds(volumes),
    VolumesFrom: volumes.flatMap(({ fromContainer }) => fromContainer || []),
    ExtraHosts: hosts.map(({ host, ip }) => `${host}:${ip}`),
    Ulimits: ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    CapAdd: capabilities.adds,
    CapDrop: capabilities.drops,
    ShmSize: megabytes(inputs.shmSize),
    Sysctls: inputs.sysctls,
    ...securityOptions(inputs.securityOpts ?? []),
    ...updatable(inputs as unknown as Props),
  };
}

/** The limits that can also be changed while the container runs. */
export function updatable(props: Props) {
  const { cpuShares, memory, memoryReservation, memorySwap } = props as Partial<ContainerInputs>;
  return {
    CpuShares: cpuShares,
    Memory: megabytes(memory),
    MemoryReservation: megabytes(memoryReservation),
    MemorySwap: megabytes(memorySwap),
  };
}

/** `systempaths=unconfined` is an option of the docker client, which sends two empty lists instead. */
function securityOptions(options: string[]): Docker.HostConfig {
  const SecurityOpt = options.filter((option) => option !== "systempaths=unconfined");
  if (SecurityOpt.length === options.length) return { SecurityOpt };
  return { SecurityOpt, MaskedPaths: [], ReadonlyPaths: [] };
}

/** Zero means "no limit", which the engine expects as a missing value. -1 is passed on. */
function megabytes(value: number | undefined): number | undefined {
  if (!value) return undefined;
  return value > 0 ? value * MB : value;
}

function present(list: string[] | undefined): string[] | undefined {
  return list?.length ? list : undefined;
}

function healthcheck(check: Healthcheck): Docker.HealthConfig {
  const startInterval = parseDuration(check.startInterval ?? "0s");
  return {
    Test: check.tests,
    Interval: parseDuration(check.interval ?? "0s"),
    Timeout: parseDuration(check.timeout ?? "0s"),
    StartPeriod: parseDuration(check.startPeriod ?? "0s"),
    // Engines before API 1.44 refuse it.
    ...(startInterval ? { StartInterval: startInterval } : {}),
    Retries: check.retries ?? 0,
  };
}

function portKey({ internal, protocol }: Port): string {
  return `${internal}/${protocol || "tcp"}`;
}

function portBindings(ports: Port[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const HostPort = port.external === undefined ? "" : String(port.external);
    (bindings[portKey(port)] ??= []).push({ HostIp: port.ip || "0.0.0.0", HostPort });
  }
  return bindings;
}

function binds(volumes: Mount[]): string[] {
  return volumes.flatMap(({ hostPath, volumeName, containerPath = "", readOnly }) => {
    const source = hostPath || volumeName;
    return source ? `${source}:${containerPath}:${readOnly ? "ro" : "rw"}` : [];
  });
}
