import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { ImageSource } from "./container";

/** One Docker engine as a stack uses it: how it is reached, the stack's network and image there. */
export interface Engine {
  /** Its address; undefined is the local engine. */
  readonly host?: string;
  readonly provider: docker.Provider;
  readonly network: docker.Network;
  readonly image: docker.RemoteImage;
}

export interface EngineArgs {
  /** Address of the engine. Default: DOCKER_HOST, else the local socket. */
  host?: string;
  /** What every name of this stack begins with: `<project>-<stack>`; also the network's name. */
  prefix: string;
  /** The stack's name, for the labels. */
  stack: string;
  /** What the PostgreSQL image is built from. */
  image: ImageSource;
}

/**
 * Declares what a stack needs once on each engine. The image's tag is a hash of what it is built
 * from, so a changed Dockerfile is seen, and the image stays when the stack goes.
 */
export function makeEngine(name: string, args: EngineArgs, parent: pulumi.Resource): Engine {
  const provider = new docker.Provider(name, args.host ? { host: args.host } : {}, { parent });
  const opts = { parent, provider, deleteBeforeReplace: true };
  const network = new docker.Network(
    `${name}-network`,
    { name: args.prefix, labels: [{ label: "laterbase.stack", value: args.stack }] },
    opts,
  );
  const image = engineImage(`${name}-image`, args.image, { provider }, { parent });
  return { ...(args.host ? { host: args.host } : {}), provider, network, image };
}

/** One of each engine that a stack names, made when it is first asked for. */
export function enginesOf(
  args: Omit<EngineArgs, "host">,
  parent: pulumi.Resource,
): (host: string | undefined) => Engine {
  const engines = new Map<string | undefined, Engine>();
  return (host) => {
    const name = host === undefined ? "local" : host.replace(/[^A-Za-z0-9]+/g, "-");
    const engine =
      engines.get(host) ?? makeEngine(name, { ...args, ...(host ? { host } : {}) }, parent);
    engines.set(host, engine);
    return engine;
  };
}

/** An image on an engine, built or pulled. It stays when the stack goes. */
export function engineImage(
  name: string,
  source: ImageSource | { pulled: string },
  { provider }: Pick<Engine, "provider">,
  opts: pulumi.CustomResourceOptions,
): docker.RemoteImage {
  const inputs =
    "pulled" in source
      ? { name: source.pulled }
      : { name: source.tag, build: { context: source.context, buildArgs: source.buildArgs } };
  return new docker.RemoteImage(name, { ...inputs, keepLocally: true }, { ...opts, provider });
}
