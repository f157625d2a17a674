import { Readable } from "node:stream";
import type Docker from "dockerode";
import tar from "tar-stream";
import { reloadedFile } from "../../../contract/serverSettings";
import { dataFolder, containerName, restoredRecord, restoredVolume } from "../../../contract/names";
import { execIn } from "../../engine/exec";
import { CliError } from "../terminal/cliError";
import type { RestoredRecord } from "./besideLook";
import { published } from "./freePort";
import type { PrimaryPlace } from "./primaryPlace";

/** PostgreSQL's user and group in every image. */
const uid = 999;
const folder = "/etc/laterbase";

/** The container of a restored server, as it is made. */
export interface BesideServerArgs {
  prefix: string;
  stack: string;
  place: PrimaryPlace;
  port: number;
  /** The superuser's password. Absent: the one that the primary was made with. */
  password?: string | undefined;
}

/**
 * Makes the container of a restored server: the primary's image, limits and configuration on a volume of its own. It
 * publishes its port by the engine's common network, so it can leave the stack's when it has replayed its WAL, and
 * nothing of the stack is held by it.
 */
export async function makeServer(
  engine: Docker,
  args: BesideServerArgs,
): Promise<Docker.Container> {
  const { prefix, stack, place, port } = args;
  const { Config, HostConfig } = place.info;
  const zone = (Config.Env ?? []).filter((one) => one.startsWith("TZ="));
  const container = await engine.createContainer({
    name: containerName(prefix, "restored"),
    Image: place.image,
    Cmd: ["primary"],
    Hostname: "restored",
    // Databases that the restored state does not have are not made.
    Env: [...zone, "DATABASES=[]", "RESTORED_BESIDE=yes"],
    Labels: { "laterbase.stack": stack, "laterbase.role": "restored" },
    ...(Config.Healthcheck ? { Healthcheck: Config.Healthcheck } : {}),
    ExposedPorts: { "5432/tcp": {} },
    StopTimeout: 60,
    HostConfig: {
      PortBindings: published(port),
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      ...limits(HostConfig),
      Mounts: [
        { Type: "volume", Source: restoredVolume(prefix), Target: dataFolder("primary") },
        ...place.repositories.map(({ source, target }) => ({
          Type: source.startsWith("/") ? ("bind" as const) : ("volume" as const),
          Source: source,
          Target: target,
          ReadOnly: true,
        })),
      ],
    },
  });
  try {
    // pgBackRest reaches the stack's object store by its name.
    await engine.getNetwork(place.network).connect({ Container: container.id });
    await container.putArchive(await configuration(engine, args), { path: folder });
    return container;
  } catch (error) {
    await container.remove({ force: true }).catch(() => undefined);
    throw error;
  }
}

function limits({ Memory, MemorySwap, ShmSize, PidsLimit, LogConfig }: Docker.HostConfig) {
  return {
    ...(Memory ? { Memory } : {}),
    ...(MemorySwap ? { MemorySwap } : {}),
    ...(ShmSize ? { ShmSize } : {}),
    ...(PidsLimit ? { PidsLimit } : {}),
    ...(LogConfig?.Type ? { LogConfig } : {}),
  };
}

/** Settings that stand after what the primary's file includes, so that nothing of it archives. */
const overruled = `
# A restored server beside the primary archives nothing.
archive_mode = off
archive_command = ''
`;

/** The primary's own files, as they are in its container, with their modes. */
async function configuration(
  engine: Docker,
  { place, password }: BesideServerArgs,
): Promise<Readable> {
  const primary = engine.getContainer(place.info.Id);
  const pack = tar.pack();
  const put = (name: string, mode: number, content: string | Buffer) =>
    pack.entry({ name, mode, uid, gid: uid }, content);
  for (const name of ["postgresql.conf", "superuser-password"]) {
    const file = await fileOf(primary, `${folder}/${name}`);
    if (!file) throw new CliError(`The primary's container has no ${folder}/${name}.`);
    if (name === "postgresql.conf") {
      // The volume of the restored data lacks the file that the primary's own includes.
      const settings = await fileOf(primary, reloadedFile("primary"));
      const conf = [file.content.toString(), settings?.content.toString() ?? "", overruled];
      put(name, file.mode, conf.join(""));
    } else put(name, file.mode, password ?? file.content);
  }
  pack.finalize();
  return Readable.from(pack);
}

async function fileOf(
  container: Docker.Container,
  path: string,
): Promise<{ mode: number; content: Buffer } | undefined> {
  const extract = tar.extract();
  const archive = await container
    .getArchive({ path })
    .catch((error: Error & { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
      return undefined;
    });
  if (!archive) return undefined;
  archive.pipe(extract);
  for await (const entry of extract) {
    const { mode = 0o400 } = entry.header;
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    return { mode, content: Buffer.concat(parts) };
  }
  return undefined;
}

/** Notes beside the data what they are, and lets the server be what it is from now on. */
export async function finish(
  engine: Docker,
  container: Docker.Container,
  network: string,
  record: RestoredRecord,
): Promise<void> {
  await Promise.all([
    engine.getNetwork(network).disconnect({ Container: container.id, Force: true }),
    container.update({ RestartPolicy: { Name: "unless-stopped" } }),
  ]);
  const write = `umask 077; cat >"$1.new" && sync "$1.new" && mv -f "$1.new" "$1"`;
  const limit = AbortSignal.timeout(60_000);
  const words = ["bash", "-c", write, "bash", restoredRecord];
  const said = await execIn(engine, container.id, words, JSON.stringify(record), limit);
  if (said.code !== 0) throw new CliError(`The record cannot be written: ${said.stderr.trim()}`);
}
