import type Docker from "dockerode";
import type { Props } from "../protocol/provider";
import { ignoring, notFound } from "./errors";
import { labelMap } from "./labels";

/** The labels by which a stack's containers are known. */
const ours = ["laterbase.stack", "laterbase.role"];

/**
 * Removes the container that has the name of a wanted one, if this stack made it: a run was killed before the
 * state knew it, or it was made again after a run that failed. Pulumi itself deletes what its state knows
 * before it asks for a new one. Volumes stay.
 *
 * @returns whether the name is free now
 */
export async function removeLeftover(engine: Docker, inputs: Props): Promise<boolean> {
  const container = engine.getContainer(inputs.name as string);
  const info = await container.inspect().catch(notFound);
  if (!info) return true;
  if (!(await isOurs(engine, info, inputs))) return false;
  const { StopTimeout: t = 10 } = info.Config as { StopTimeout?: number };
  await container.stop({ t }).catch(ignoring(304, 404));
  await container.remove({ force: true, v: false }).catch(ignoring(404));
  return true;
}

/**
 * Another stack of the same name has the same labels. But its network has the same name too, and the engine has
 * a name of a network once: the network that the wanted container joins is this stack's. A container that was
 * never started may not have joined it yet, and nobody uses it.
 */
async function isOurs(
  engine: Docker,
  info: Docker.ContainerInspectInfo,
  inputs: Props,
): Promise<boolean> {
  const wanted = labelMap(inputs.labels);
  const same = ours.every((label) => wanted[label] && info.Config.Labels[label] === wanted[label]);
  if (!same) return false;
  if (info.State.Status === "created") return true;
  const joined = Object.values(info.NetworkSettings.Networks).map(({ NetworkID }) => NetworkID);
  const names = ((inputs.networksAdvanced ?? []) as { name: string }[]).map(({ name }) => name);
  const ids = await Promise.all(
    names.map(async (name) => (await engine.getNetwork(name).inspect().catch(notFound))?.Id),
  );
  return ids.length > 0 && ids.every((id) => id !== undefined && joined.includes(id));
}
