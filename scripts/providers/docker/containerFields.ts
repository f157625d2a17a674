import type { Props } from "../protocol/provider";
import { isObject } from "../protocol/values";
import { formatDuration, parseDuration } from "./durations";
import { isEmpty, set, type Fields } from "./fields";

/**
 * The implemented inputs of a container, and how a change of each is handled: exactly as in the
 * official provider 5.1.0. There, a change of `init`, `tmpfs` or `healthcheck` is an update that does
 * nothing; programs set `replaceOnChanges` for them.
 */
export const CONTAINER_FIELDS: Fields = {
  name: { replaces: true },
  image: { replaces: true },
  command: { replaces: true, computed: true },
  entrypoints: { replaces: true, computed: true },
  hostname: { replaces: true, computed: true },
  user: { replaces: true, computed: true, same: sameUnlessEmpty },
  workingDir: { replaces: true, computed: true, same: sameUnlessEmpty },
  envs: { replaces: true, computed: true, normal: set },
  labels: { replaces: true, computed: true, keys: ["label", "value"], normal: set },
  networksAdvanced: { replaces: true, keys: ["name", "aliases"], normal: set },
  ports: {
    replaces: true,
    keys: ["internal", "external", "ip", "protocol"],
    same: samePorts,
  },
  volumes: {
    replaces: true,
    keys: ["containerPath", "volumeName", "hostPath", "fromContainer", "readOnly"],
    normal: set,
  },
  uploads: {
    replaces: true,
    keys: [
      ...["file", "content", "contentBase64", "source", "sourceHash"],
      ...["permissions", "executable", "owner", "group"],
    ],
    normal: set,
  },
  healthcheck: {
    computed: true,
    keys: ["tests", "interval", "timeout", "startPeriod", "startInterval", "retries"],
    normal: normalHealthcheck,
  },
  init: { computed: true },
  restart: { default: "no" },
  maxRetryCount: {},
  memory: {},
  memoryReservation: { default: 0 },
  memorySwap: {},
  cpuShares: {},
  shmSize: { replaces: true, computed: true },
  ulimits: { replaces: true, keys: ["name", "soft", "hard"], normal: set },
  tmpfs: {},
  hosts: { replaces: true, keys: ["host", "ip"], normal: set },
  sysctls: { replaces: true },
  securityOpts: { replaces: true, computed: true, normal: set },
  capabilities: { replaces: true, keys: ["adds", "drops"], normal: normalCapabilities },
  logDriver: { replaces: true, computed: true },
  logOpts: { replaces: true },
  readOnly: { replaces: true, default: false },
  stopSignal: { replaces: true, computed: true },
  stopTimeout: { replaces: true, computed: true },
  destroyGraceSeconds: {},
  removeVolumes: { default: true },
  mustRun: { default: true },
  start: { default: true },
  attach: { default: false },
  logs: { default: false },
  rm: { default: false },
  wait: { default: false },
  waitTimeout: { default: 60 },
};

/** For Docker, "" means "as in the image", so it never differs. */
function sameUnlessEmpty(old: unknown, next: unknown): boolean {
  return next === "" || old === next;
}

/** Compares what both sides give. A missing external port matches any port that the engine chose. */
function samePorts(old: unknown, next: unknown): boolean {
  const [before, after] = [ports(old), ports(next)];
  if (before.length !== after.length) return false;
  return after.every((port) => before.some((other) => samePort(other, port)));
}

function samePort(old: Props, next: Props): boolean {
  const external = next.external === undefined || next.external === old.external;
  return external && ["internal", "ip", "protocol"].every((key) => old[key] === next[key]);
}

function ports(value: unknown): Props[] {
  const list = Array.isArray(value) ? (value as Props[]) : [];
  return list.map((port) => ({
    ...port,
    ip: port.ip || "0.0.0.0",
    protocol: port.protocol || "tcp",
  }));
}

function normalHealthcheck(value: unknown): unknown {
  if (!isObject(value)) return value;
  const durations = ["interval", "timeout", "startPeriod", "startInterval"].map((key) => [
    key,
    parseDuration(value[key] || "0s"),
  ]);
  return {
    tests: value.tests ?? [],
    retries: value.retries ?? 0,
    ...Object.fromEntries(durations),
  };
}

/** The engine always returns the full names, so both forms are equal. */
function normalCapabilities(value: unknown): unknown {
  if (!isObject(value)) return value;
  return { adds: capabilities(value.adds), drops: capabilities(value.drops) };
}

function capabilities(value: unknown): unknown {
  if (isEmpty(value)) return [];
  const names = (value as string[]).map((name) => name.toUpperCase());
  return set(
    names.map((name) => (name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`)),
  );
}

/** The engine's health check, in the form of the inputs. */
export function healthcheckState(check: {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}): Props {
  return {
    tests: check.Test ?? [],
    interval: formatDuration(check.Interval ?? 0),
    timeout: formatDuration(check.Timeout ?? 0),
    startPeriod: formatDuration(check.StartPeriod ?? 0),
    startInterval: formatDuration(check.StartInterval ?? 0),
    retries: check.Retries ?? 0,
  };
}
