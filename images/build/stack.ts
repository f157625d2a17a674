import { agentImage } from "./agent";
import { type ImageBuild, makeContexts } from "./context";
import { pgAdminImage } from "./pgAdmin";
import { poolerImage } from "./pgBouncer";
import { postgresImage } from "./postgres";
import { serviceImage, type ServiceImage } from "./services";

/** What a configuration says about the images that its stack needs. */
export interface Wanted {
  primary: { version: number };
  dumps?: object | undefined;
  pooler?: object | undefined;
  pgAdmin?: object | undefined;
}

export interface StackImages {
  image: ImageBuild;
  services?: Record<"ofelia" | "socketProxy" | "duplicati", ServiceImage> & { agent: ImageBuild };
  poolerImage?: ImageBuild;
  pgAdminImage?: ServiceImage;
}

/** The images of a stack. Only reads, so a preview may ask for them. */
export function stackImages({ primary: { version }, dumps, pooler, pgAdmin }: Wanted): StackImages {
  const services = () => ({
    agent: agentImage(version),
    ofelia: serviceImage("ofelia"),
    socketProxy: serviceImage("socketProxy"),
    duplicati: serviceImage("duplicati"),
  });
  return {
    image: postgresImage(version),
    ...(dumps ? { services: services() } : {}),
    ...(pooler ? { poolerImage: poolerImage() } : {}),
    ...(pgAdmin ? { pgAdminImage: pgAdminImage() } : {}),
  };
}

/** Before an update: makes the contexts that its builds read. */
export function makeStackContexts({ services, ...images }: StackImages): void {
  makeContexts([...Object.values(images), ...Object.values(services ?? {})] as object[]);
}
