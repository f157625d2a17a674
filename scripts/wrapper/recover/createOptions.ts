import type Docker from "dockerode";

/** What `docker inspect` returns. The typings lack some of its fields. */
export type Inspected = Docker.ContainerInspectInfo;

/** What makes a container again as it was. */
export interface Recipe {
  /** The request that creates it, with its name. */
  options: Docker.ContainerCreateOptions;
  /** The networks to connect afterwards. */
  connect: { network: string; endpoint: Docker.EndpointSettings }[];
  /** Whether it leaves the default network first. */
  leavesBridge: boolean;
}

/** The network that a container joins when its request names none. */
const defaultNetworks = ["", "default", "bridge"];

/** Modes in which a container has no network of its own. */
const sharedNetwork = /^(none|host|container:.*)$/;

/**
 * The request that creates a container as `docker inspect` shows it, and the networks that it joins. Only
 * what the engine chooses anew is left out: its id, its addresses, and the alias that is a part of the id.
 */
export function recipeOf(info: Inspected): Recipe {
  const { NetworkMode = "" } = info.HostConfig;
  const options = {
    ...info.Config,
    name: info.Name.replace(/^\//, ""),
    HostConfig: info.HostConfig,
  } as Docker.ContainerCreateOptions;
  if (sharedNetwork.test(NetworkMode)) return { options, connect: [], leavesBridge: false };
  const joined = Object.entries(info.NetworkSettings.Networks ?? {}).map(([network, settings]) => ({
    network,
    endpoint: endpointOf(settings, info.Id),
  }));
  if (!defaultNetworks.includes(NetworkMode)) {
    // The mode is the name of a network, which the engine joins at once.
    const first = joined.find(({ network }) => network === NetworkMode);
    const config = first ? { EndpointsConfig: { [NetworkMode]: first.endpoint } } : undefined;
    return {
      options: { ...options, ...(config ? { NetworkingConfig: config } : {}) },
      connect: joined.filter(({ network }) => network !== NetworkMode),
      leavesBridge: false,
    };
  }
  return {
    options,
    connect: joined.filter(({ network }) => network !== "bridge"),
    leavesBridge: !joined.some(({ network }) => network === "bridge"),
  };
}

/** What a person may have asked for in a network. The rest is what the engine has given. */
function endpointOf(settings: Docker.NetworkInfo, id: string): Docker.EndpointSettings {
  const { IPAMConfig, Links, Aliases, DriverOpts } = settings as Partial<Docker.EndpointSettings>;
  const aliases = (Aliases ?? []).filter((alias) => !isPartOf(alias, id));
  return {
    ...(IPAMConfig && Object.keys(IPAMConfig).length > 0 ? { IPAMConfig } : {}),
    ...(Links?.length ? { Links } : {}),
    ...(DriverOpts && Object.keys(DriverOpts).length > 0 ? { DriverOpts } : {}),
    Aliases: aliases,
  };
}

/** Engines before 25 list the first twelve digits of the id among the aliases. */
const isPartOf = (alias: string, id: string) => alias.length === 12 && id.startsWith(alias);
