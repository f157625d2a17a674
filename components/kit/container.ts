import { isUtf8 } from "node:buffer";
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { containerName, type ContainerRole } from "../../contract/names";
import type { StackContext } from "./context";

/** A file below /etc/laterbase in a container. */
export interface File {
  /** Its path below /etc/laterbase. */
  name: string;
  /** A text, or the bytes of a file of the user. A change replaces the container. */
  content: pulumi.Input<string> | Buffer;
  /** With 0400 only the image's own user reads it. Default 0444. */
  mode?: "0444" | "0555" | "0400";
}

interface HardenedArgs {
  /** The most memory that the container gets, in MB. A change is applied in place. */
  memory: number;
  /** Seconds that the container has to stop before the engine kills it. */
  graceSeconds: number;
  /**
   * The most processes and threads that the container gets together, several times what it was seen
   * to have. A change is applied in place.
   */
  processes: number;
}

/** PostgreSQL's user and group in every image, so that containers can share volumes. */
export const uid = "999";

/** Labels by which lists and clean-ups find what belongs to a stack. */
export function labelsOf(role: string, stack: string): { label: string; value: string }[] {
  return [
    { label: "laterbase.role", value: role },
    { label: "laterbase.stack", value: stack },
  ];
}

/** What says which container it is: to the engine, in its network and in lists. */
export function identity(stack: StackContext, role: ContainerRole, network = stack.engine.network) {
  return serverIdentity(stack, role, network);
}

/** The same for a server: the role of a standby is its own name. */
export function serverIdentity(
  { prefix, stack, engine }: StackContext,
  role: string,
  network = engine.network,
) {
  return {
    name: containerName(prefix, role),
    hostname: role,
    labels: labelsOf(role, stack),
    networksAdvanced: [{ name: network.name, aliases: [role] }],
  };
}

/** Files for a container that runs as PostgreSQL's user. */
export function uploadsOf(files: readonly File[]) {
  return files.map(({ name: file, content, mode = "0444" }) => ({
    file: `/etc/laterbase/${file}`,
    ...(Buffer.isBuffer(content) ? contentOf(content) : { content }),
    permissions: mode,
    owner: uid,
    group: uid,
  }));
}

/**
 * Bytes as an upload. UTF-8 is a text in Pulumi's state, which people can read. Anything else would lose its
 * bytes as a text: those that UTF-8 does not know would all become the same character.
 */
function contentOf(bytes: Buffer) {
  return isUtf8(bytes) && !bytes.includes(0)
    ? { content: bytes.toString("utf8") }
    : { contentBase64: bytes.toString("base64") };
}

/** A check is an exec, which slows replay down, so it is rare; `up` asks by itself and does not wait for one. */
export const healthcheck = {
  tests: ["CMD", "/usr/local/bin/laterbase-health"],
  interval: "30s",
  timeout: "5s",
  startPeriod: "30s",
  retries: 3,
};

/**
 * Of a server: `blocked` and `stalled` count within a minute, after two checks of at most 5 s each. An exec takes about
 * half a second on a busy machine of two cores, nearly all of it in the engine.
 */
export const serverHealthcheck = { ...healthcheck, interval: "25s", retries: 2 };

/**
 * What every container of ours has: limits of memory and processes, no capabilities, a log of limited size, and a
 * restart after a crash. Without the grace the engine kills a container that is replaced or removed.
 */
export function hardened({ memory, graceSeconds, processes }: HardenedArgs) {
  return {
    processes,
    healthcheck,
    restart: "unless-stopped",
    destroyGraceSeconds: graceSeconds,
    stopTimeout: graceSeconds,
    // Without the second one Docker doubles it, and each preview shows a change.
    memory,
    memorySwap: memory,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
  } satisfies Partial<docker.ContainerArgs> & Pick<HardenedArgs, "processes">;
}
