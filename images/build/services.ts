import type { GeneratedImage, ImageBuild } from "./context";
import { nodeImage, type Program } from "./nodeImage";
import { baseImage } from "./postgres";

/** Third-party services that a stack runs, each with its pinned image. */
const pins = {
  ofelia: { repository: "mcuadros/ofelia", version: "0.3.21" },
  duplicati: { repository: "duplicati/duplicati", version: "2.3.0.4" },
};
export type Service = keyof typeof pins;
export const services = Object.keys(pins) as Service[];

/** An image as a component needs it: pulled by its name, or built from a context. */
export type ServiceImage = { pulled: string } | ImageBuild;

/**
 * The pinned real image; where set-up found no registry that answers, a stand-in of ours that
 * speaks the same interface and says so in its name.
 */
export function serviceImage(service: Service): ServiceImage {
  const { repository, version } = pins[service];
  if (!process.env["LATERBASE_STAND_INS"]) return { pulled: `${repository}:${version}` };
  return standIn(service);
}

/** The stand-in of a service, whatever set-up found. */
export function standIn(service: Service): GeneratedImage {
  return nodeImage(standInProgram(service), pins[service].version, { BASE: baseImage(17) });
}

export function standInProgram(service: Service): Program {
  const folder = `scripts/standins/${service}`;
  return { name: `${service}-stand-in`, entry: `${folder}/main.ts`, sources: [], folder };
}
