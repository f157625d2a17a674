import type Docker from "dockerode";
import { containerName } from "../../../contract/names";
import { connect } from "../../engine/connect";
import type { Kind } from "./recorded";

/** A container, network or volume on an engine that has the labels and the name of a stack. */
export interface FoundThing {
  kind: Kind;
  id: string;
  name: string;
  /** The engine's address. The default engine is the empty string. */
  host: string;
  /** Of a container: whether it was ever started. */
  started?: boolean;
  /** Of a container: whether it runs now. */
  running?: boolean;
  /** Of a container: the volumes that it has. */
  volumes?: readonly string[];
}

/** Which stack is looked for. */
export interface StackName {
  /** `<project>-<stack>`: what the names of its things begin with. */
  prefix: string;
  stack: string;
}

/**
 * What an engine has of a stack, by label and name. Another stack of the same name has the same labels and
 * names, so this alone does not say whose it is.
 *
 * @throws what the engine answers
 */
export async function foundOn(host: string, { prefix, stack }: StackName): Promise<FoundThing[]> {
  const engine = connect({ host });
  const filters = { label: [`laterbase.stack=${stack}`] };
  const [containers, networks, { Volumes }] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }),
  ]);
  const ours = ({ name }: FoundThing) => name === prefix || name.startsWith(`${prefix}-`);
  return [
    ...containers.flatMap((one) => containerThing(one, host, prefix)),
    ...networks.map(({ Id, Name }) => ({ kind: "network" as const, id: Id, name: Name, host })),
    ...(Volumes ?? []).map(({ Name }) => ({ kind: "volume" as const, id: Name, name: Name, host })),
  ].filter(ours);
}

/** A container of ours has the name that its role gives. One that a person renamed is no longer in the way. */
function containerThing(
  { Id, Names, Labels, Status, State, Mounts = [] }: Docker.ContainerInfo,
  host: string,
  prefix: string,
): FoundThing[] {
  const name = (Names[0] ?? "").replace(/^\//, "");
  if (name !== containerName(prefix, Labels["laterbase.role"] ?? "")) return [];
  const started = State !== "created" && Status !== "Created";
  const volumes = Mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name ? [Name] : []));
  const running = State === "running";
  return [{ kind: "container", id: Id, name, host, started, running, volumes }];
}
