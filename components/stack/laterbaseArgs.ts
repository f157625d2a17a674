import type { OwnImage, ServiceImage } from "../kit/image";
import type { InitScript } from "../primary/primary";
import type { Config } from "./configSchema";

export interface LaterbaseArgs {
  /** The project's name. A change makes another stack. */
  project: string;
  /** The stack's name. A change makes another stack. */
  stack: string;
  /** The checked configuration. What a change does is documented at each key. */
  config: Config;
  /** The images of what the configuration asks for. A change replaces the containers of that image. */
  images: LaterbaseImages;
  /**
   * The registry whose login Docker's own configuration has: the engines pull with it. Default: none, and they
   * pull without a login. A change restarts nothing.
   */
  registry?: string | undefined;
  /** The project's folder, absolute. Relative paths of the local engine's machine begin there. */
  folder: string;
  /** The content of the managed primary's `initScripts`, in order. Default in effect: none. */
  initScripts: readonly InitScript[];
  /** What somebody changed outside of Pulumi, by step: a sentence each. `up` repairs it. */
  drift: Readonly<Record<string, string>>;
}

/** The images of a stack. Each is there when the configuration asks for what runs it. */
export interface LaterbaseImages {
  /** Of the primary's major. */
  postgres: OwnImage;
  /** PgBouncer's. */
  pooler?: OwnImage;
  /** The agent's, of the primary's major. */
  agent?: OwnImage;
  /** pgAdmin's. */
  pgAdmin?: ServiceImage;
  /** Duplicati's. */
  duplicati?: ServiceImage;
  /** Ofelia's. */
  ofelia?: ServiceImage;
  /** Our socket proxy's, for Ofelia. */
  socketProxy?: OwnImage;
  /** versitygw's. */
  objectStore?: ServiceImage;
}
