import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { engineImage, type OwnImage } from "./image";

/** One Docker engine of a stack, with what the stack needs on it once. */
export interface Engine {
  /** Its name in resources: `local`, or made of its address. */
  readonly name: string;
  /** Its address. Undefined is the local engine. */
  readonly host?: string;
  /** Makes resources on this engine. */
  readonly provider: docker.Provider;
  /** The stack's network on it. */
  readonly network: docker.Network;
  /** The PostgreSQL image on it. */
  readonly image: docker.RemoteImage;
  /** The containers that were declared on it, each with the most processes and threads that it may have. */
  readonly limits: { name: string; container: docker.Container; processes: number }[];
}

interface EngineArgs {
  /**
   * The engine's address. Default: DOCKER_HOST, or the local socket. A change makes everything again
   * on the other engine.
   */
  host?: string;
  /** `<project>-<stack>`: the network's name. A change replaces the network and every container. */
  prefix: string;
  /** The stack's name, for the network's label. */
  stack: string;
  /** The PostgreSQL image. A change replaces the servers' containers and keeps their data. */
  image: OwnImage;
  /** The registry whose login Docker's own configuration has. Default: none. A change restarts nothing. */
  registry?: string | undefined;
}

/** Declares what a stack needs once on an engine: the provider, the network, the PostgreSQL image. */
export function makeEngine(name: string, args: EngineArgs, parent: pulumi.Resource): Engine {
  const registry = args.registry ? { registryAuth: [{ address: args.registry }] } : {};
  const place = { ...(args.host ? { host: args.host } : {}), ...registry };
  const provider = new docker.Provider(name, place, { parent });
  const network = new docker.Network(
    `${name}-network`,
    { name: args.prefix, labels: [{ label: "laterbase.stack", value: args.stack }] },
    { parent, provider, deleteBeforeReplace: true },
  );
  const image = engineImage(`${name}-image`, args.image, provider, { parent });
  const host = args.host ? { host: args.host } : {};
  return { name, ...host, provider, network, image, limits: [] };
}

/** A stack's engines: one by its address, made when it is first asked for, and all that were made. */
export function enginesOf(
  args: Omit<EngineArgs, "host">,
  parent: pulumi.Resource,
): { at: (host: string | undefined) => Engine; all: () => Engine[] } {
  const engines = new Map<string | undefined, Engine>();
  const at = (host: string | undefined) => {
    const name = host === undefined ? "local" : host.replace(/[^A-Za-z0-9]+/g, "-");
    const engine =
      engines.get(host) ?? makeEngine(name, { ...args, ...(host ? { host } : {}) }, parent);
    engines.set(host, engine);
    return engine;
  };
  return { at, all: () => [...engines.values()] };
}
