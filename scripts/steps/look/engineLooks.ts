import type { FolderLook, Looks } from "../../../contract/looks";
import { serverVolumes } from "../../../contract/names";
import { quoted } from "../../../contract/quoting";
import { inspectImage } from "../../engine/images";
import { runAsRoot } from "../../engine/rootScript";
import { hasVolume } from "./data";
import { type SeenEngine, withBash } from "./engine";
import { folderFault } from "./folder";
import { type Found, joined, told } from "./found";
import { absentImages, imageRefusals, unseenImages } from "./images";
import { isThisMachine, type Machine, machineOf, machineScript, thisMachine } from "./machine";
import { namesTaken, portsTaken } from "./ports";
import type { PrimaryFacts } from "./primaryFacts";
import { noRoom } from "./room";

/** What an engine's looks need of the others. */
interface Beside {
  /** The keys of the standbys that are cloned there. */
  clones: string[];
  /** What the primary says about itself. */
  facts: Promise<PrimaryFacts | undefined>;
}

/** The keys of the standbys of an engine that have no data there yet. */
export async function missingClones(
  { engine, wanted }: SeenEngine,
  prefix: string,
): Promise<string[]> {
  const there = await Promise.all(
    // Where it cannot be asked, the look at the engine says so.
    wanted.standbys.map(({ name }) =>
      hasVolume(engine, serverVolumes(prefix, name).data).catch(() => true),
    ),
  );
  return wanted.standbys.filter((_, i) => !there[i]).map(({ key }) => key);
}

/** Looks at what the stack wants of one engine: ports, names, the folder of the dumps, images, room. */
export async function lookAtEngine(
  { stack, prefix }: Looks,
  seen: SeenEngine,
  beside: Beside,
): Promise<Found> {
  const { where, wanted } = seen;
  const image = await imageWithBash(seen, prefix, stack);
  const machine = machineFor(seen, image);
  // Each look that needs it says that it failed.
  machine.catch(() => undefined);
  const ports = async (): Promise<Found> => {
    const neighbours = { stack, prefix, seen: seen.seen, where, machine: await machine };
    const taken = await portsTaken(wanted.ports, neighbours);
    return { refused: [...namesTaken(wanted.containers, neighbours), ...taken], unseen: [] };
  };
  return joined(
    await Promise.all([
      told(`The ports of ${where}`, ports),
      told("laterbase:dumps.path", () => lookAtDumps(seen, image)),
      ...(wanted.repositories ?? []).map((folder) =>
        told(folder.key, () => lookAtFolder(seen, image, folder, "/srv/repository")),
      ),
      told(`The memory of ${where}`, () => lookAtMemory(seen)),
      told(`The images of ${where}`, () => lookAtImages(seen, beside, machine)),
    ]),
  );
}

/** An image of ours that the engine has; undefined where the stack has never been. */
async function imageWithBash(
  seen: SeenEngine,
  prefix: string,
  stack: string,
): Promise<string | undefined> {
  const [container] = withBash(seen, prefix, stack);
  if (container) return container.image;
  const own = seen.wanted.images.find(({ base, pushed }) => base !== undefined || pushed);
  return own && (await inspectImage(seen.engine, own.name)) ? own.name : undefined;
}

async function machineFor(
  { engine, wanted }: SeenEngine,
  image: string | undefined,
): Promise<Machine | undefined> {
  if (isThisMachine(wanted.host)) return thisMachine;
  if (image === undefined) return undefined;
  const place = { words: [], capabilities: [], mounts: [], hostNetwork: true };
  const { stdout } = await runAsRoot(engine, { image, script: machineScript, ...place });
  return machineOf(stdout);
}

async function lookAtDumps(seen: SeenEngine, image: string | undefined): Promise<Found> {
  const { folder } = seen.wanted;
  if (folder === undefined) return { refused: [], unseen: [] };
  return lookAtFolder(seen, image, { key: "laterbase:dumps.path", path: folder }, "./backups");
}

async function lookAtFolder(
  { engine, where }: SeenEngine,
  image: string | undefined,
  { key, path }: FolderLook,
  example: string,
): Promise<Found> {
  if (image === undefined) return { refused: [], unseen: [] };
  const fault = await folderFault(engine, image, path);
  const must = `${key} must be a folder that can be written on the machine of ${where}, such as ${example}`;
  return { refused: fault ? [`${must}; ${quoted(path)} ${fault}`] : [], unseen: [] };
}

/** A server that may take more than the machine has would have other programs killed before it reaches its limit. */
async function lookAtMemory({ engine, wanted, where }: SeenEngine): Promise<Found> {
  const { memory = [] } = wanted;
  if (memory.length === 0) return { refused: [], unseen: [] };
  const { MemTotal } = (await engine.info()) as { MemTotal: number };
  const machine = Math.floor(MemTotal / 2 ** 20);
  return {
    refused: memory
      .filter(({ megabytes }) => megabytes > machine)
      .map(
        ({ key, megabytes }) =>
          `${key} must be at most ${machine}MB, which is all that the machine of ${where} has; it is ${megabytes}MB`,
      ),
    unseen: [],
  };
}

async function lookAtImages(
  { engine, wanted, where }: SeenEngine,
  { clones, facts }: Beside,
  machine: Promise<Machine | undefined>,
): Promise<Found> {
  const absent = await absentImages(engine, wanted.images);
  const images = absent.map(({ megabytes }) => megabytes).filter((size) => size > 0);
  const found = { refused: imageRefusals(absent, where), unseen: unseenImages(absent, where) };
  if (clones.length + images.length === 0) return found;
  const { DockerRootDir } = (await engine.info()) as { DockerRootDir: string };
  const free = await (await machine)?.free(DockerRootDir);
  const cloneBytes = clones.length > 0 ? Number((await facts)?.bytes ?? 0) : 0;
  return {
    ...found,
    refused: [...found.refused, ...noRoom({ images, clones, cloneBytes }, free, where)],
  };
}
