import { PassThrough } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { healthcheck } from "../components/kit/container";
import { parseDuration } from "../scripts/providers/docker/durations";

/** A file below /etc/laterbase, readable by PostgreSQL's user alone. */
export interface Upload {
  name: string;
  content: string;
}

export interface ContainerSpec {
  name: string;
  image: string;
  network: string;
  command: string[];
  /** Directories on anonymous volumes, which are removed with the container. */
  volumes: string[];
  env?: Record<string, string>;
  uploads?: Upload[];
  /** Publishes PostgreSQL on a free port of this machine. */
  publish?: boolean;
  /** Our containers have a health check, hand-made ones do not. */
  healthcheck?: boolean;
  /** The container's share of the CPU under load. Docker's default is 1024. */
  cpuShares?: number;
}

/** PostgreSQL's user and group in the image. */
const uid = 999;

/** Makes and starts a container with the limits of a stack's containers. Both sides get the same. */
export async function run(engine: Docker, spec: ContainerSpec): Promise<Docker.Container> {
  const memory = 2048 * 2 ** 20;
  const container = await engine.createContainer({
    name: spec.name,
    Image: spec.image,
    Cmd: spec.command,
    Env: Object.entries({ TZ: "Etc/UTC", ...spec.env }).map(([key, value]) => `${key}=${value}`),
    ExposedPorts: { "5432/tcp": {} },
    // Writing into the image's layers is slower than into a volume, as every stack has.
    Volumes: Object.fromEntries(spec.volumes.map((path) => [path, {}])),
    StopSignal: "SIGINT",
    ...(spec.healthcheck
      ? {
          Healthcheck: {
            Test: healthcheck.tests,
            Interval: parseDuration(healthcheck.interval),
            Timeout: parseDuration(healthcheck.timeout),
            StartPeriod: parseDuration(healthcheck.startPeriod),
            Retries: healthcheck.retries,
          },
        }
      : {}),
    HostConfig: {
      NetworkMode: spec.network,
      PortBindings: spec.publish ? { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] } : {},
      Memory: memory,
      MemorySwap: memory,
      CpuShares: spec.cpuShares ?? 0,
      ShmSize: 256 * 2 ** 20,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
    },
  });
  const archive = pack();
  for (const { name, content } of spec.uploads ?? []) {
    archive.entry({ name: `etc/laterbase/${name}`, mode: 0o400, uid, gid: uid }, content);
  }
  archive.finalize();
  await container.putArchive(await buffer(archive), { path: "/" });
  await container.start();
  return container;
}

/** Runs a command in the container and returns its standard output. A failure has all its output. */
export async function exec(container: Docker.Container, command: string[]): Promise<string> {
  const process = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const stream = await process.start({});
  const [out, err] = [new PassThrough(), new PassThrough()];
  (container.modem as Docker["modem"]).demuxStream(stream, out, err);
  stream.on("end", () => [out, err].forEach((side) => side.end()));
  const [output, errors] = await Promise.all([text(out), text(err)]);
  const { ExitCode } = await process.inspect();
  if (ExitCode !== 0) throw new Error(`${command.join(" ")}: exit ${ExitCode}\n${errors}${output}`);
  return output;
}

/** Stops the container and leaves PostgreSQL the time for its checkpoint, as a stack does. */
export async function stop(container: Docker.Container): Promise<void> {
  await container.stop({ t: 60 });
}

/** The port of this machine on which PostgreSQL in the container is published. */
export async function publishedPort(container: Docker.Container): Promise<number> {
  const { NetworkSettings } = await container.inspect();
  const port = NetworkSettings.Ports["5432/tcp"]?.[0]?.HostPort;
  if (!port) throw new Error("The container publishes no port.");
  return Number(port);
}
