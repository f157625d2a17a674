import type Docker from "dockerode";
import type { ImageLook } from "../../../contract/looks";
import { inspectImage } from "../../engine/images";

/** How long a registry may take: one that is there says within a second whether it has an image. */
const patienceMs = 1000;

/** An image that an engine does not have. */
export interface AbsentImage {
  look: ImageLook;
  /** What has to be pulled for it: itself, or the image that its build stands on. */
  pulls?: string;
  /** `gone`: the registry says that there is no such image. `unknown`: nobody could say. */
  registry?: "there" | "gone" | "unknown";
  /** About how much room it needs. Another build of it shares nearly all of its layers. */
  megabytes: number;
}

/** The images that an engine has to build or pull, each with what its registry says. */
export async function absentImages(
  engine: Docker,
  wanted: readonly ImageLook[],
): Promise<AbsentImage[]> {
  const built = wanted.filter(({ base }) => base !== undefined).map(({ name }) => name);
  const found = await Promise.all(wanted.map((look) => absentImage(engine, look, built)));
  return found.filter((one) => one !== undefined);
}

async function absentImage(
  engine: Docker,
  look: ImageLook,
  built: readonly string[],
): Promise<AbsentImage | undefined> {
  if (await inspectImage(engine, look.name)) return undefined;
  const pulls = look.base ?? look.name;
  const repository = look.name.replace(/[:@][^/]*$/, "");
  const filters = { reference: [repository] };
  const [others, base] = await Promise.all([
    engine.listImages({ filters }),
    look.base !== undefined && (built.includes(look.base) || inspectImage(engine, look.base)),
  ]);
  const isOurs = look.base !== undefined || look.pushed;
  const megabytes = isOurs && others.length > 0 ? 0 : look.megabytes;
  // The program has just asked for the digest of one that was pushed, with the login.
  if (base || look.pushed) return { look, megabytes };
  return { look, pulls, megabytes, registry: await asked(engine, pulls) };
}

/** Whether a registry has an image, as the engine that would pull it sees it. */
async function asked(engine: Docker, name: string): Promise<"there" | "gone" | "unknown"> {
  try {
    const limit = AbortSignal.timeout(patienceMs);
    await engine.getImage(name).distribution({ abortSignal: limit });
    return "there";
  } catch (error) {
    return (error as { statusCode?: number }).statusCode === 404 ? "gone" : "unknown";
  }
}

/** A sentence for each image that its registry does not have. */
export function imageRefusals(absent: readonly AbsentImage[], where: string): string[] {
  return absent
    .filter(({ registry }) => registry === "gone")
    .map(
      ({ look, pulls = "" }) =>
        `${look.key} needs the image ${pulls}, which ${where} does not have and whose registry does not know it; ` +
        `give it to that engine by hand (docker load), or check whether its mirror has it`,
    );
}

/** A sentence for each image of which nobody could say whether it can be had. */
export function unseenImages(absent: readonly AbsentImage[], where: string): string[] {
  const names = absent.filter(({ registry }) => registry === "unknown").map(({ pulls }) => pulls);
  return [...new Set(names)].map(
    (name) =>
      `The registry of ${name} did not answer ${where}, so whether it can be had was not looked at`,
  );
}
