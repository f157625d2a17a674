import { agentImage } from "./agent";
import { type ImageBuild, makeContexts } from "./context";
import { objectStoreImage } from "./objectStore";
import { pgAdminImage } from "./pgAdmin";
import { poolerImage } from "./pgBouncer";
import { postgresImage } from "./postgres";
import { serviceImage, type ServiceImage } from "./services";
import { socketProxyImage } from "./socketProxy";

/** What a configuration says about the images that its stack needs. */
export interface Wanted {
  primary: { version: number; extensions?: readonly string[] | undefined };
  dumps?: object | undefined;
  backups?: object | undefined;
  pooler?: object | undefined;
  pgAdmin?: object | undefined;
  objectStore?: object | undefined;
  health?: object | undefined;
}

/** The images of a stack, by what they run. */
export interface StackImages {
  readonly postgres: ImageBuild;
  readonly agent?: ImageBuild;
  readonly ofelia?: ServiceImage;
  readonly socketProxy?: ImageBuild;
  readonly duplicati?: ServiceImage;
  readonly pooler?: ImageBuild;
  readonly pgAdmin?: ServiceImage;
  readonly objectStore?: ServiceImage;
}

/** The images of a stack. Only reads, so a preview may ask for them. */
export function stackImages(wanted: Wanted): StackImages {
  const { version, extensions } = wanted.primary;
  const jobs = () => ({
    ofelia: serviceImage("ofelia"),
    socketProxy: socketProxyImage(),
  });
  return {
    postgres: postgresImage(version, extensions),
    // The monitor is of the agent's program.
    ...(wanted.dumps || wanted.backups || wanted.health
      ? { agent: agentImage(version, extensions) }
      : {}),
    ...(wanted.dumps || wanted.backups ? jobs() : {}),
    ...(wanted.dumps ? { duplicati: serviceImage("duplicati") } : {}),
    ...(wanted.pooler ? { pooler: poolerImage() } : {}),
    ...(wanted.pgAdmin ? { pgAdmin: pgAdminImage() } : {}),
    ...(wanted.objectStore ? { objectStore: objectStoreImage() } : {}),
  };
}

/** Before an update: makes the contexts that its builds read. An image that is pulled has none. */
export function makeStackContexts(images: object): void {
  makeContexts(Object.values(images) as object[]);
}
