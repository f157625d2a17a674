/** What a program reads of one resource in the output of `pulumi stack export`. */
interface Resource {
  urn: string;
  type: string;
  id?: string;
  provider?: string;
  /** Pulumi has deleted it to replace it, and has not made the new one. */
  pendingReplacement?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** The output of `pulumi stack export`. Its secrets are encrypted. */
export interface Exported {
  deployment?: {
    resources?: Resource[] | null;
    pending_operations?: { resource: Resource; type: string }[] | null;
  } | null;
}

/** A container, network or volume in a state. */
export interface RecordedThing {
  kind: Kind;
  urn: string;
  /** Its id on its engine. Of a volume it is the name. */
  id: string;
  /** Its name on its engine. */
  name: string;
  /** Its engine. The default engine is the empty string. */
  host: string;
}

/** What a state knows about the engines. */
export interface Recorded {
  /** What exists, in an order in which each comes after what it depends on. */
  things: RecordedThing[];
  /** What a run was making when it was killed: it may exist, and its id is not known. */
  begun: Omit<RecordedThing, "id">[];
  /** Every engine that the state names. */
  hosts: string[];
}

export type Kind = "container" | "network" | "volume";

const kinds: Readonly<Record<string, Kind>> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
  "docker:index/volume:Volume": "volume",
};

/** The kind of a thing by its resource's type; undefined for any other resource. */
export function kindOf(type: string): Kind | undefined {
  return kinds[type];
}

/** The type of the resources that stand for an engine. */
export const engineType = "pulumi:providers:docker";

/** What an exported state says about the engines. */
export function recordedIn({ deployment }: Exported): Recorded {
  const resources = deployment?.resources ?? [];
  const engines = resources.filter(({ type }) => type === engineType);
  const hostOf = ({ provider = "" }: Resource) =>
    text(engines.find(({ urn }) => provider.startsWith(`${urn}::`))?.inputs?.["host"]);
  const thing = (resource: Resource): RecordedThing[] => {
    const kind = kindOf(resource.type);
    const name = text(resource.outputs?.["name"]) || text(resource.inputs?.["name"]);
    if (!kind || !name) return [];
    const { urn, id = "" } = resource;
    return [{ kind, urn, id, name, host: hostOf(resource) }];
  };
  const things = resources.filter(({ pendingReplacement }) => !pendingReplacement).flatMap(thing);
  const same = (one: RecordedThing, other: RecordedThing) =>
    one.kind === other.kind && one.name === other.name && one.host === other.host;
  return {
    things,
    begun: (deployment?.pending_operations ?? [])
      .filter(({ type }) => type === "creating")
      .flatMap(({ resource }) => thing(resource))
      // A later run has finished it, and Pulumi keeps the note.
      .filter((one) => !things.some((known) => same(one, known))),
    hosts: [...new Set(engines.map(({ inputs }) => text(inputs?.["host"])))],
  };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
