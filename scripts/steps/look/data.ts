import type Docker from "dockerode";
import { containerName, dataDirectory, serverVolumes } from "../../../contract/names";
import { containerFile } from "../../engine/containerFile";
import { createStep } from "../../engine/createStep";
import type { SeenEngine } from "./engine";

/**
 * The major of a managed primary's data: what its volume says. Undefined where there are none yet.
 *
 * @param image an image of the engine, for a container that only holds the volume and never starts
 */
export async function majorOfData(
  { engine, seen }: SeenEngine,
  prefix: string,
  image: string | undefined,
): Promise<number | undefined> {
  const name = containerName(prefix, "primary");
  const file = `${dataDirectory("primary")}/PG_VERSION`;
  if (seen.some((one) => one.name === name)) return majorIn(engine.getContainer(name), file);
  const { data } = serverVolumes(prefix, "primary");
  if (image === undefined || !(await hasVolume(engine, data))) return undefined;
  const holder = await createStep(engine, {
    Image: image,
    Entrypoint: ["true"],
    HostConfig: {
      NetworkMode: "none",
      Mounts: [{ Type: "volume", Source: data, Target: dataDirectory("primary") }],
    },
  });
  try {
    return await majorIn(holder, file);
  } finally {
    await holder.remove({ force: true }).catch(() => undefined);
  }
}

/** Whether a volume exists. */
export async function hasVolume(engine: Docker, name: string): Promise<boolean> {
  return engine
    .getVolume(name)
    .inspect()
    .then(
      () => true,
      (error: { statusCode?: number }) => {
        if (error.statusCode === 404) return false;
        throw error;
      },
    );
}

async function majorIn(container: Docker.Container, path: string): Promise<number | undefined> {
  // Without the file the server has not been initialised.
  const major = Number.parseInt((await containerFile(container, path)) ?? "", 10);
  return Number.isNaN(major) ? undefined : major;
}
