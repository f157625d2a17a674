import type { Parameters } from "./serverSettings";

/**
 * What is looked at before the first change, as JSON on the standard input of `scripts/steps/look.ts`. It
 * holds exactly that and nothing else, because the looks run again when one of these values changes.
 */
export interface Looks {
  /** The stack file, for the end of each sentence. */
  file: string;
  /** The stack's name, which is the label of its containers. */
  stack: string;
  /** `<project>-<stack>`: what the names of its containers and volumes begin with. */
  prefix: string;
  /** The stack's engine first, then those of standbys elsewhere. */
  engines: EngineLooks[];
  primary: ManagedLooks | ExternalLooks;
  /** What Duplicati's archives are encrypted with. Absent without Duplicati. */
  archives?: ArchiveLooks;
}

/** What one engine has to have. */
export interface EngineLooks {
  /** Its address; empty is the local engine. */
  host: string;
  /** The ports that the stack publishes there. */
  ports: PortLook[];
  /** The containers of the stack there. */
  containers: ContainerLook[];
  /** The images that its containers are made from. */
  images: ImageLook[];
  /** The standbys there. */
  standbys: { key: string; name: string }[];
  /** What the memory of servers there is set to. Absent where nothing is set. */
  memory?: MemoryLook[];
  /** `laterbase:dumps.path`, absolute. */
  folder?: string;
  /** The folders of posix repositories. Absent without one. */
  repositories?: FolderLook[];
}

/** The memory that a server gets. */
export interface MemoryLook {
  /** The key that sets it. */
  key: string;
  megabytes: number;
}

/** A folder of an engine's machine that has to be writable. */
export interface FolderLook {
  /** The key that sets it. */
  key: string;
  path: string;
}

/** A port that a container publishes. */
export interface PortLook {
  /** The key that sets it, such as `laterbase:pooler.port`. */
  key: string;
  port: number;
  /** The address that it listens on. */
  address: string;
  /** The key that sets the address. */
  addressKey: string;
  /** The name of the container that publishes it. */
  container: string;
}

/** A name that a container gets. */
export interface ContainerLook {
  /** The key that asks for the container. */
  key: string;
  name: string;
}

/** An image that the engine builds or pulls where it does not have it. */
export interface ImageLook {
  /** The key that asks for it. */
  key: string;
  /** Its name with a tag or digest. */
  name: string;
  /** Whether it is one of ours that a pipeline has pushed. Default: false. */
  pushed?: boolean;
  /** What a build of it stands on. Absent for an image that is pulled. */
  base?: string;
  /** About how much room it takes. */
  megabytes: number;
}

/** A primary that Laterbase runs. */
export interface ManagedLooks {
  kind: "managed";
  /** The stack's engine. */
  host: string;
  version: number;
  /** The networks that standbys elsewhere connect from. */
  allowFrom: readonly string[];
  /** The stack as the primary records it, without its number, such as `laterbase/dev`. */
  owner: string;
  /** The roles that own its databases. */
  owners: readonly OwnerLook[];
  /** `settings`. Absent where nothing is set. */
  settings?: Parameters;
  /** `extensions`. Absent where nothing is set. */
  extensions?: readonly string[];
}

/** A role that owns a database. */
export interface OwnerLook {
  role: string;
  database: string;
  /** The key that asks for it. */
  key: string;
}

/** A primary of the user's own. */
export interface ExternalLooks {
  kind: "external";
  host: string;
  port: number;
  version: number;
  superuser: string;
  /** Empty where none is set: then nothing logs in there with one. */
  password: string;
  /** Whether something logs in as the superuser over TCP from an engine. */
  needsLogin: boolean;
  /** The databases by the keys that name them. */
  databases: Record<string, readonly string[]>;
  allowFrom: readonly string[];
}

/** What Duplicati's archives are encrypted with, and where they are. */
export interface ArchiveLooks {
  target: string;
  /** Empty where it is generated. */
  passphrase: string;
}

/** What the looks print as JSON when nothing is refused. */
export interface Looked {
  /** When they looked, in ISO 8601. */
  at: string;
  /** A sentence for each thing that could not be looked at. */
  unseen: string[];
  /** What the next looks compare with. Absent without Duplicati. */
  archives?: ArchiveRecord;
}

/**
 * What is known of Duplicati's archives. Only hashes: a passphrase does not come back out of them, and the state keeps
 * them as a secret all the same.
 */
export interface ArchiveRecord {
  salt: string;
  /** Of the target without what may change in it, such as keys. */
  place: string;
  passphrase: string;
  /** Since when archives go to that place, in ISO 8601; empty where nobody knows. */
  since: string;
}
