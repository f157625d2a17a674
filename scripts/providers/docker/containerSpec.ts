import type Docker from "dockerode";
import type { Props } from "../protocol/provider";
import { parseDuration } from "./durations";
import { isEmpty } from "./fields";
import { labelMap } from "./labels";

const MB = 1024 * 1024;

type Strings = string[] | undefined;
type Map = Record<string, string> | undefined;

/** What the engine is told to create for these inputs. */
export function containerSpec(inputs: Props): Docker.ContainerCreateOptions {
  const ports = (inputs.ports ?? []) as Props[];
  return {
    name: inputs.name as string,
    Image: inputs.image as string,
    Hostname: inputs.hostname as string | undefined,
    Env: inputs.envs as Strings,
    Cmd: present(inputs.command as Strings),
    Entrypoint: present(inputs.entrypoints as Strings),
    User: inputs.user as string | undefined,
    WorkingDir: inputs.workingDir as string | undefined,
    Labels: labelMap(inputs.labels),
    StopSignal: inputs.stopSignal as string | undefined,
    StopTimeout: (inputs.stopTimeout as number) || undefined,
    Healthcheck: healthcheck(inputs.healthcheck as Props | undefined),
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    Volumes: Object.fromEntries(mountPoints(inputs).map((path) => [path, {}])),
    HostConfig: hostConfig(inputs, ports),
  };
}

function hostConfig(inputs: Props, ports: Props[]): Docker.HostConfig {
  const capabilities = (inputs.capabilities ?? {}) as Record<string, Strings>;
  return {
    // The official provider says so too; the networks that are wanted come after it.
    NetworkMode: "bridge",
    RestartPolicy: {
      Name: (inputs.restart as string | undefined) ?? "no",
      MaximumRetryCount: inputs.maxRetryCount as number | undefined,
    },
    AutoRemove: inputs.rm === true,
    ReadonlyRootfs: inputs.readOnly === true,
    Init: inputs.init === true,
    LogConfig: {
      Type: (inputs.logDriver as string | undefined) ?? "",
      Config: (inputs.logOpts as Record<string, string> | undefined) ?? {},
    },
    Tmpfs: inputs.tmpfs as Record<string, string> | undefined,
    PortBindings: portBindings(ports),
    Binds: binds(inputs),
    VolumesFrom: fromContainers(inputs),
    ExtraHosts: ((inputs.hosts ?? []) as Props[]).map(({ host, ip }) => `${host}:${ip}`),
    Ulimits: ((inputs.ulimits ?? []) as Props[]).map(({ name, soft, hard }) => ({
      Name: name as string,
      Soft: soft as number,
      Hard: hard as number,
    })),
    CapAdd: capabilities.adds,
    CapDrop: capabilities.drops,
    ShmSize: megabytes(inputs.shmSize),
    Sysctls: inputs.sysctls as Map,
    ...securityOptions((inputs.securityOpts ?? []) as string[]),
    ...updatable(inputs),
  };
}

/** The limits that can also be changed while the container runs. */
export function updatable(inputs: Props) {
  return {
    CpuShares: inputs.cpuShares as number | undefined,
    Memory: megabytes(inputs.memory),
    MemoryReservation: megabytes(inputs.memoryReservation),
    MemorySwap: megabytes(inputs.memorySwap),
  };
}

/** Docker's own `systempaths=unconfined` is a matter between the client and the engine. */
function securityOptions(options: string[]): Docker.HostConfig {
  const SecurityOpt = options.filter((option) => option !== "systempaths=unconfined");
  if (SecurityOpt.length === options.length) return { SecurityOpt };
  return { SecurityOpt, MaskedPaths: [], ReadonlyPaths: [] };
}

function megabytes(value: unknown): number | undefined {
  if (typeof value !== "number" || value === 0) return undefined;
  return value > 0 ? value * MB : value;
}

function present(list: Strings): Strings {
  return isEmpty(list) ? undefined : list;
}

function healthcheck(check: Props | undefined): Docker.HealthConfig | undefined {
  if (!check) return undefined;
  const startInterval = parseDuration(check.startInterval ?? "0s");
  return {
    Test: check.tests as Strings,
    Interval: parseDuration(check.interval ?? "0s"),
    Timeout: parseDuration(check.timeout ?? "0s"),
    StartPeriod: parseDuration(check.startPeriod ?? "0s"),
    // Engines before API 1.44 do not know it.
    ...(startInterval ? { StartInterval: startInterval } : {}),
    Retries: (check.retries as number | undefined) ?? 0,
  };
}

function portKey(port: Props): string {
  return `${port.internal}/${(port.protocol as string) || "tcp"}`;
}

function portBindings(ports: Props[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    (bindings[portKey(port)] ??= []).push({
      HostIp: (port.ip as string) || "0.0.0.0",
      HostPort: String(port.external ?? ""),
    });
  }
  return bindings;
}

function volumes(inputs: Props): Props[] {
  return (inputs.volumes ?? []) as Props[];
}

function mountPoints(inputs: Props): string[] {
  return volumes(inputs)
    .filter(({ containerPath }) => containerPath)
    .map(({ containerPath }) => containerPath as string);
}

function binds(inputs: Props): string[] {
  return volumes(inputs)
    .filter(({ hostPath, volumeName }) => hostPath || volumeName)
    .map((volume) => {
      const source = volume.hostPath || volume.volumeName;
      return `${source}:${volume.containerPath}:${volume.readOnly ? "ro" : "rw"}`;
    });
}

function fromContainers(inputs: Props): string[] {
  return volumes(inputs)
    .filter(({ fromContainer }) => fromContainer)
    .map(({ fromContainer }) => fromContainer as string);
}
