import type Docker from "dockerode";
import { inspectImage } from "../../engine/images";
import { type Inspected, recipeOf } from "./createOptions";
import { conditionOf, inspected } from "./health";
import { readUploads, type Upload, writeUploads } from "./uploads";

/** A container, with all that is needed to make it again. It is kept in memory only. */
export interface SavedContainer {
  engine: Docker;
  name: string;
  /** Whether it ran, so that it has to run again. */
  ran: boolean;
  /** Whether it did its work, or something that takes long. */
  worked: boolean;
  info: Inspected;
  /** The name of its image, or the image's id where the name means another image now. */
  image: string;
  uploads: readonly Upload[];
}

/** Reads a container; undefined where there is none. */
export async function saveContainer(
  engine: Docker,
  nameOrId: string,
): Promise<SavedContainer | undefined> {
  const container = engine.getContainer(nameOrId);
  const info = await inspected(container);
  if (!info) return undefined;
  const mounts = info.Mounts.map(({ Destination }) => Destination);
  const [uploads, image, { verdict }] = await Promise.all([
    readUploads(container, mounts),
    imageOf(info),
    conditionOf(engine, nameOrId),
  ]);
  const name = info.Name.replace(/^\//, "");
  const worked = verdict !== "fails";
  return { engine, name, ran: info.State.Running, worked, info, image, uploads };

  async function imageOf({ Config, Image }: Inspected): Promise<string> {
    const named = await inspectImage(engine, Config.Image);
    return named?.Id === Image ? Config.Image : Image;
  }
}

/**
 * Makes a saved container again, with the same name, settings, networks, volumes, labels and files, and
 * starts it if it ran.
 *
 * @throws what the engine answers. Nothing is left behind then, so that the name stays free
 */
export async function recreate(saved: SavedContainer): Promise<Docker.Container> {
  const { engine, info, image, uploads, ran } = saved;
  const { options, connect, leavesBridge } = recipeOf(info);
  await checkVolumes(engine, info);
  const made = await engine.createContainer({ ...options, Image: image });
  try {
    if (leavesBridge) await engine.getNetwork("bridge").disconnect({ Container: made.id });
    for (const { network, endpoint } of connect) {
      await engine.getNetwork(network).connect({ Container: made.id, EndpointConfig: endpoint });
    }
    await writeUploads(made, uploads);
    if (ran) await made.start();
    return made;
  } catch (error) {
    await made.remove({ force: true, v: false }).catch(() => undefined);
    throw error;
  }
}

/** Docker makes an empty volume where one is missing. */
async function checkVolumes(engine: Docker, { Mounts, HostConfig }: Inspected): Promise<void> {
  const bound = (name: string) => HostConfig.Binds?.some((bind) => bind.startsWith(`${name}:`));
  const names = Mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name ? [Name] : []));
  for (const name of names.filter(bound)) {
    await engine
      .getVolume(name)
      .inspect()
      .catch((error: Error & { statusCode?: number }) => {
        throw error.statusCode === 404 ? new Error(`its volume ${name} is gone`) : error;
      });
  }
}
