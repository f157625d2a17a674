/** The implemented inputs of a container, as they arrive in a create. */
export interface ContainerInputs {
  name: string;
  image: string;
  command?: string[];
  entrypoints?: string[];
  hostname?: string;
  user?: string;
  workingDir?: string;
  envs?: string[];
  networksAdvanced?: { name: string; aliases?: string[] }[];
  ports?: Port[];
  volumes?: Mount[];
  uploads?: Upload[];
  healthcheck?: Healthcheck;
  init?: boolean;
  restart?: string;
  maxRetryCount?: number;
  memory?: number;
  memoryReservation?: number;
  memorySwap?: number;
  cpuShares?: number;
  shmSize?: number;
  ulimits?: { name: string; soft: number; hard: number }[];
  tmpfs?: Record<string, string>;
  hosts?: { host: string; ip: string }[];
  sysctls?: Record<string, string>;
  securityOpts?: string[];
  capabilities?: { adds?: string[]; drops?: string[] };
  logDriver?: string;
  logOpts?: Record<string, string>;
  readOnly?: boolean;
  stopSignal?: string;
  stopTimeout?: number;
  rm?: boolean;
}

/** A published port. */
export interface Port {
  internal: number;
  external?: number;
  ip?: string;
  protocol?: string;
}

/** A volume, a directory of the host, or the volumes of another container. */
export interface Mount {
  containerPath?: string;
  volumeName?: string;
  hostPath?: string;
  fromContainer?: string;
  readOnly?: boolean;
}

/** A file that is copied into the new container. */
export interface Upload {
  file: string;
  content?: string;
  contentBase64?: string;
  source?: string;
  permissions?: string;
  executable?: boolean;
  owner?: string;
  group?: string;
}

/** A health check, with durations in Go's format. */
export interface Healthcheck {
  tests?: string[];
  interval?: string;
  timeout?: string;
  startPeriod?: string;
  startInterval?: string;
  retries?: number;
}
