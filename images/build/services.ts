import { nodeImage } from "./nodeImage";
import { baseImage, type ImageBuild } from "./postgres";

/** Services of others that a stack runs. */
export type Service = "ofelia" | "socketProxy" | "duplicati";

/** The real image, pinned. */
const pins: Record<Service, { repository: string; version: string }> = {
  ofelia: { repository: "mcuadros/ofelia", version: "0.3.21" },
  socketProxy: { repository: "wollomatic/socket-proxy", version: "1.13.1" },
  duplicati: { repository: "duplicati/duplicati", version: "2.3.0.4" },
};

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

/** The stand-in of a service, wherever it is asked for. */
export function standIn(service: Service): ImageBuild {
  const name = service.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return nodeImage({
    name: `${name}-stand-in`,
    version: pins[service].version,
    entry: `scripts/standins/${service}/main.ts`,
    sources: [],
    folder: `scripts/standins/${service}`,
    buildArgs: { BASE: baseImage(17) },
  });
}
