import type { EngineLooks, FolderLook, ImageLook } from "../../contract/looks";
import { type ContainerRole, containerName } from "../../contract/names";
import { backsUp } from "../../contract/pgBackRest";
import { backupsFolder } from "../backupAgent/backups";
import { imageName, type ServiceImage } from "../kit/image";
import { megabytes } from "../schema/primitives";
import type { Config } from "./configSchema";
import type { LaterbaseArgs, LaterbaseImages } from "./laterbaseArgs";
import { setMemory } from "./memoryRules";
import { publishedBy } from "./ports";

/** What decides what engines have to have. */
export type EngineLooksArgs = Pick<LaterbaseArgs, "config" | "images" | "folder">;

/**
 * What a stack's engines have to have: its own engine first, then those of standbys elsewhere.
 *
 * @param prefix what the names of its containers begin with
 */
export function engineLooks(
  { config, images, folder }: EngineLooksArgs,
  prefix: string,
): EngineLooks[] {
  const own = config.dockerHost ?? "";
  const hosts = new Set([own, ...config.standbys.map(({ dockerHost }) => dockerHost ?? own)]);
  const published = publishedBy(config);
  const services = servicesOf(config, images);
  const repositories = repositoryFolders(config);
  const limits = setMemory(config);
  return [...hosts].map((host) => {
    const standbys = config.standbys.flatMap(({ name, dockerHost }, i) =>
      (dockerHost ?? own) === host ? [{ key: `laterbase:standbys[${i}]`, name }] : [],
    );
    const here = host === own ? services : [];
    const named = ({ key, role }: { key: string; role: string }) => ({
      key,
      name: containerName(prefix, role),
    });
    const path = host === own && config.dumps?.path;
    const memory = limits
      .filter((one) => one.host === host)
      .map((one) => ({ key: one.key, megabytes: megabytes(one.memory) }));
    return {
      host,
      ports: published
        .filter(({ engine }) => engine === host)
        .map(({ portKey, port, address, addressKey, role }) => ({
          key: portKey,
          port,
          address,
          addressKey,
          container: containerName(prefix, role),
        })),
      containers: [
        ...here.map(named),
        ...standbys.map(({ key, name }) => named({ key: `${key}.name`, role: name })),
      ],
      images: [
        imageLook("laterbase:primary.version", images.postgres, 650),
        ...here.flatMap(({ key, image, megabytes: room = 0 }) =>
          image ? [imageLook(key, image, room)] : [],
        ),
      ],
      standbys,
      ...(memory.length > 0 ? { memory } : {}),
      ...(path ? { folder: backupsFolder(folder, path) } : {}),
      ...(host === own && repositories.length > 0 ? { repositories } : {}),
    };
  });
}

/** The folders of the engine's machine that hold repositories. */
function repositoryFolders({ backups }: Config): FolderLook[] {
  return (backups?.repositories ?? []).flatMap((one, i) =>
    one.type === "posix" && one.path !== undefined
      ? [{ key: `laterbase:backups.repositories[${i}].path`, path: one.path }]
      : [],
  );
}

/** A container of the stack's own engine that is no standby. */
interface Service {
  /** The key that asks for it. */
  key: string;
  /** The role of its container. */
  role: ContainerRole;
  /** Its image. Absent for the primary, which has that of every server. */
  image?: ServiceImage | undefined;
  /** About how large its image is. Absent without one. */
  megabytes?: number;
}

function servicesOf(config: Config, images: LaterbaseImages): Service[] {
  const { primary, pooler, pgAdmin, duplicati, objectStore, health } = config;
  const jobs = config.dumps ?? backsUp(config.backups);
  const key = config.dumps ? "dumps" : "backups";
  const { agent, ofelia, socketProxy } = images;
  const all: [unknown, Service][] = [
    [primary.kind === "managed", { key: "primary", role: "primary" }],
    [pooler, { key: "pooler", role: "pooler", image: images.pooler, megabytes: 150 }],
    [pgAdmin, { key: "pgAdmin", role: "pgadmin", image: images.pgAdmin, megabytes: 720 }],
    [config.dumps ?? config.backups, { key, role: "agent", image: agent, megabytes: 860 }],
    [jobs, { key, role: "scheduler", image: ofelia, megabytes: 310 }],
    [jobs, { key, role: "scheduler-proxy", image: socketProxy, megabytes: 310 }],
    [duplicati, { key: "duplicati", role: "duplicati", image: images.duplicati, megabytes: 700 }],
    [objectStore, objectStoreService(images.objectStore)],
    [health, { key: "health", role: "health", image: agent, megabytes: 860 }],
  ];
  return all
    .filter(([wanted]) => wanted)
    .map(([, { key, ...service }]) => ({ key: `laterbase:${key}`, ...service }));
}

const objectStoreService = (image?: ServiceImage): Service => ({
  key: "objectStore",
  role: "object-store",
  image,
  megabytes: 150,
});

function imageLook(key: string, image: ServiceImage, megabytes: number): ImageLook {
  const name = imageName(image);
  if ("pulled" in image) return { key, name, megabytes };
  if ("pushed" in image) return { key, name, pushed: true, megabytes };
  const base = image.buildArgs["BASE"];
  return { key, name, ...(base ? { base } : {}), megabytes };
}
