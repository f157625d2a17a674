import type { ManagedLooks } from "../../../contract/looks";
import { containerName } from "../../../contract/names";
import { inspectImage } from "../../engine/images";
import { LocalPrimary } from "../../primary/localPrimary";
import { settingsRefused } from "../../primary/readSettings";
import type { SeenEngine } from "./engine";
import { missingPackages, presentExtensions, usedExtensions } from "./extensions";
import { type Found, joined } from "./found";

/** The image that the servers get, where the engine has it already, and the one that the primary has now. */
async function imagesOf({ engine, wanted, seen }: SeenEngine, prefix: string, version: number) {
  const wantedName = wanted.images.find(({ key }) => key === "laterbase:primary.version")?.name;
  const there = wantedName !== undefined && (await inspectImage(engine, wantedName));
  const now = seen.find(({ name }) => name === containerName(prefix, "primary"));
  // Another major reads settings in another way, and its suite has other packages.
  const same = now && (await majorOfImage(engine, now.image)) === version;
  return {
    ...(there ? { next: wantedName } : {}),
    ...(same ? { now: now.image } : {}),
  };
}

async function majorOfImage(engine: SeenEngine["engine"], image: string): Promise<number> {
  const found = await inspectImage(engine, image);
  return Number(found?.Config.Labels?.["laterbase.postgres.major"]);
}

/** Whether PostgreSQL takes the settings. Where the image is not built yet, a step asks it before the server starts. */
export async function lookAtSettings(
  { version, settings }: ManagedLooks,
  own: SeenEngine,
  prefix: string,
): Promise<Found> {
  if (!settings) return { refused: [], unseen: [] };
  const { next, now } = await imagesOf(own, prefix, version);
  const image = next ?? now;
  if (image === undefined) return { refused: [], unseen: [] };
  const { host } = own.wanted;
  const hasLibraries = next !== undefined;
  const look = { host, image, major: version, settings, hasLibraries };
  return { refused: await settingsRefused(look), unseen: [] };
}

/** Whether the suite has the packages that are new, and whether a database uses one that is taken away. */
export async function lookAtExtensions(
  { version, extensions = [] }: ManagedLooks,
  own: SeenEngine,
  prefix: string,
): Promise<Found> {
  const { engine } = own;
  const name = containerName(prefix, "primary");
  const seen = own.seen.find((one) => one.name === name);
  if (!seen) return { refused: [], unseen: [] };
  const present = await presentExtensions(engine.getContainer(name));
  const { next, now } = await imagesOf(own, prefix, version);
  const fresh = extensions.filter((one) => !present.some((other) => other.name === one));
  const leaving = present.filter((one) => !extensions.includes(one.name));
  const [missing, used] = await Promise.all([
    next === undefined && now !== undefined
      ? missingPackages(engine, now, version, fresh)
      : { refused: [], unseen: [] },
    seen.running ? usedExtensions(new LocalPrimary(engine, name), leaving) : [],
  ]);
  return joined([missing, { refused: used, unseen: [] }]);
}
