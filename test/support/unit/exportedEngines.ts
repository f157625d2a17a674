import type { Exported } from "../../../scripts/wrapper/engines/recorded";

export const urnOf = (name: string, type = "docker:index/container:Container") =>
  `urn:pulumi:dev::laterbase::laterbase:index:Laterbase$${type}::${name}`;

const engine = (name: string, host?: string) => ({
  urn: urnOf(name, "pulumi:providers:docker"),
  type: "pulumi:providers:docker",
  id: `p-${name}`,
  inputs: host ? { host } : {},
});

const at = (name: string) => `${urnOf(name, "pulumi:providers:docker")}::p-${name}`;

const thing = (
  kind: "network" | "volume" | "container",
  resource: string,
  name: string,
  id: string,
  where = "local",
) => {
  const type = `docker:index/${kind}:${kind[0]!.toUpperCase()}${kind.slice(1)}`;
  return {
    urn: urnOf(resource, type),
    type,
    id,
    provider: at(where),
    inputs: { name },
    outputs: { name },
  };
};

/** A part of a state: a primary on the local engine and a standby on another one. */
export function exportedState(): Exported & {
  deployment: { resources: Record<string, unknown>[] };
} {
  return {
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:dev::laterbase::pulumi:pulumi:Stack::laterbase-dev",
          type: "pulumi:pulumi:Stack",
        },
        engine("local"),
        engine("nas", "ssh://nas.local"),
        thing("network", "local-network", "laterbase-dev", "n-local"),
        thing("network", "nas-network", "laterbase-dev", "n-nas", "nas"),
        thing("volume", "primary-data", "laterbase-dev-primary-data", "laterbase-dev-primary-data"),
        thing("container", "primary-container", "laterbase-dev-primary", "c-primary"),
        thing("container", "standby-container", "laterbase-dev-standby", "c-standby", "nas"),
      ],
    },
  };
}

/** What a run was doing when it was killed. */
export function pending(type: string, kind: "network" | "container", name: string) {
  return {
    type,
    resource: { ...thing(kind, name, name, ""), outputs: undefined, id: undefined },
  } as never;
}
