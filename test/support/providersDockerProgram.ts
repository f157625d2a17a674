import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { baseImage, type Declarations, type Trial } from "./providersTrial";

/** The content of the secret file. */
export const content = "hunter2 in a file";

/** A network, a volume, an image and a container of this name; the container has every input that Laterbase uses. */
export function program(id: string, change: Record<string, unknown> = {}, tag = "1"): Declarations {
  const engine = { options: { provider: "engine" } };
  return {
    engine: { type: "docker.Provider", inputs: {} },
    net: { type: "docker.Network", inputs: { name: id, labels: labels("net") }, ...engine },
    data: { type: "docker.Volume", inputs: { name: id, labels: labels("data") }, ...engine },
    image: {
      type: "docker.RemoteImage",
      inputs: {
        name: `${id}:${tag}`,
        build: { context: "context", buildArgs: { BASE: baseImage() } },
      },
      ...engine,
    },
    server: {
      type: "docker.Container",
      inputs: { ...server(id), ...change },
      options: {
        provider: "engine",
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "tmpfs", "init"],
      },
    },
  };
}

/** The labels for this role. */
export function labels(role: string) {
  return [{ label: "laterbase.role", value: role }];
}

function server(id: string) {
  return {
    name: id,
    image: "${image.imageId}",
    command: [
      "sh",
      "-c",
      "trap 'sleep 1; echo gracefully > /data/ended; exit' TERM; while :; do sleep 0.1; done",
    ],
    hostname: "server",
    user: "0",
    workingDir: "/",
    init: false,
    envs: ["A=1", "B=2"],
    labels: labels("server"),
    networksAdvanced: [{ name: "${net.name}", aliases: ["one", "two"] }],
    ports: [{ internal: 80, external: portOf(id), ip: "127.0.0.1" }],
    volumes: [
      { containerPath: "/data", volumeName: "${data.name}" },
      { containerPath: "/tmp/host", hostPath: "/tmp", readOnly: true },
    ],
    uploads: [
      { file: "/etc/laterbase/secret", content, permissions: "0400", owner: "999", group: "999" },
      { file: "/etc/laterbase/run", content: "#!/bin/sh\n", executable: true },
    ],
    healthcheck: {
      tests: ["CMD", "test", "!", "-e", "/ill"],
      interval: "1s",
      timeout: "1m0s",
      retries: 1,
    },
    wait: true,
    waitTimeout: 20,
    restart: "no",
    destroyGraceSeconds: 10,
    stopSignal: "SIGTERM",
    stopTimeout: 7,
    memory: 128,
    memorySwap: 128,
    cpuShares: 100,
    shmSize: 64,
    securityOpts: ["no-new-privileges:true"],
    capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN"] },
    logDriver: "json-file",
    logOpts: { "max-size": "1m" },
    ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    tmpfs: { "/run/t": "rw,size=1m" },
    hosts: [{ host: "x", ip: "10.0.0.1" }],
    sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
  };
}

/** A port that tests in other processes do not use. */
export function portOf(id: string): number {
  return 20_000 + (Number(id.split("-").at(-1)) % 10_000);
}

/** Writes the build context of the program's image. */
export function writeContext(trial: Trial, text: string): void {
  const folder = join(trial.folder, "context");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), "ARG BASE\nFROM ${BASE}\nCOPY . /context\n");
  writeFileSync(join(folder, ".dockerignore"), "*.log\n");
  writeFileSync(join(folder, "text"), text);
  writeFileSync(join(folder, "noise.log"), "noise");
}
