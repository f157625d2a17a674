import {
  type ExportedState,
  nameOf,
  onEngine,
  type OnEngine,
  resourcesOf,
  type StateResource,
  volumeType,
} from "./exportedState";
import type { YamlPath } from "./stackFile";

/** A part of a stack that can be taken out of it. */
export interface Part {
  /** As the operator types it: a standby's name, or the name of a key. */
  name: string;
  kind: "standby" | (typeof services)[number];
}

/** The parts without a name of their own: their keys. */
const services = [
  ...(["dumps", "backups", "objectStore", "duplicati", "pgAdmin", "pooler", "health"] as const),
];

/** The components of the parts. One agent dumps and backs up. */
const components: Readonly<Record<Part["kind"], string>> = {
  standby: "laterbase:index:Standby",
  dumps: "laterbase:index:BackupAgent",
  backups: "laterbase:index:BackupAgent",
  objectStore: "laterbase:index:ObjectStore",
  duplicati: "laterbase:index:Duplicati",
  pgAdmin: "laterbase:index:PgAdmin",
  pooler: "laterbase:index:PgBouncer",
  health: "laterbase:index:HealthMonitor",
};

/** What a stack file has of the parts. */
interface Configured {
  standbys?: unknown;
  [key: string]: unknown;
}

/** The parts that the configuration or the state has, in the order of the file. */
export function partsOf(config: Configured, state: ExportedState): Part[] {
  const inFile: Part[] = [
    ...standbyNames(config).map((name): Part => ({ name, kind: "standby" })),
    ...services.filter((kind) => config[kind] !== undefined).map((kind) => ({ name: kind, kind })),
  ];
  const kinds = Object.entries(components) as [Part["kind"], string][];
  const all = resourcesOf(state);
  const dumped = all.some(isDumps);
  // A part that left the file by hand has protected resources, which `up` cannot remove.
  const inState = kinds.flatMap(([kind, component]) => {
    // What is left of the agent alone counts as the part that it last was.
    if (kind === "dumps" && !dumped) return [];
    if (kind === "backups" && (dumped || config["dumps"] !== undefined)) return [];
    return all
      .filter(({ type }) => type === component)
      .map(({ urn }): Part => ({ name: kind === "standby" ? nameOf(urn) : kind, kind }));
  });
  const known = new Map([...inFile, ...inState].map((part) => [part.name, part]));
  return [...known.values()];
}

/** The volume of the dumps stands beside the agent, because Duplicati reads it too. */
const isDumps = ({ type, urn }: StateResource): boolean =>
  type === volumeType && nameOf(urn) === "backups";

export function standbyNames({ standbys }: Configured): string[] {
  if (!Array.isArray(standbys)) return [];
  return standbys.map((one: { name?: unknown } | null) => String(one?.name));
}

/** Where the part is in the stack file; undefined: it is not in it. */
export function pathOf({ kind, name }: Part, config: Configured): YamlPath | undefined {
  if (kind !== "standby") {
    return config[kind] === undefined ? undefined : ["config", `laterbase:${kind}`];
  }
  const names = standbyNames(config);
  const index = names.indexOf(name);
  if (index < 0) return undefined;
  // Without its last entry the key of a list would be empty, which is no list.
  return ["config", "laterbase:standbys", ...(names.length > 1 ? [index] : [])];
}

/**
 * The resources of a part that destroy keeps: data volumes, and secrets that live in the data. The agent's belong
 * to dumps and backups together, and go with the last of them.
 */
export function keptOf(
  { kind, name }: Part,
  state: ExportedState,
  config: Configured,
): StateResource[] {
  const all = resourcesOf(state);
  const byUrn = new Map(all.map((resource) => [resource.urn, resource]));
  const other = { dumps: "backups", backups: "dumps" }[kind as string];
  const shared = other !== undefined && config[other] !== undefined;
  const isOwner = ({ type, urn }: StateResource) =>
    !shared && type === components[kind] && (kind !== "standby" || nameOf(urn) === name);
  const belongs = (resource: StateResource | undefined): boolean =>
    resource !== undefined && (isOwner(resource) || belongs(byUrn.get(resource.parent ?? "")));
  return all.filter((one) => one.protect && (belongs(one) || (kind === "dumps" && isDumps(one))));
}

/** The data volumes among them. */
export function volumesIn(kept: readonly StateResource[], state: ExportedState): OnEngine[] {
  return kept.filter(({ type }) => type === volumeType).map((one) => onEngine(one, state));
}

/**
 * The state with these resources unprotected, so that the next `up` can take them out of it.
 *
 * @param withData whether `up` then deletes the volumes too; otherwise they stay on the engine
 */
export function released(
  state: ExportedState,
  kept: readonly StateResource[],
  withData: boolean,
): ExportedState {
  const urns = new Set(kept.map(({ urn }) => urn));
  const release = (resource: StateResource): StateResource => {
    if (!urns.has(resource.urn)) return resource;
    const stays = { ...resource };
    delete stays.protect;
    if (withData && resource.type === volumeType) delete stays.retainOnDelete;
    return stays;
  };
  const resources = resourcesOf(state).map(release);
  return { ...state, deployment: { ...state.deployment, resources } };
}
