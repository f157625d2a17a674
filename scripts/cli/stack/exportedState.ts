import { ownerName, ownerRecord, slotName, stepResource } from "../../../contract/names";
import type { StepName } from "../../primary";
import { remains } from "../../primary/remains";

/** What this module reads of one resource in the output of `pulumi stack export`. */
export interface StateResource {
  urn: string;
  type: string;
  parent?: string;
  provider?: string;
  protect?: boolean;
  retainOnDelete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  deletedWith?: string;
  replaceWith?: string[];
}

/** The output of `pulumi stack export`. Its secrets are encrypted. */
export interface ExportedState {
  deployment: {
    /** `time`: when it was written. */
    manifest?: { time?: string };
    resources?: StateResource[];
    pending_operations?: { resource: StateResource }[];
  };
}

/** The last part of a URN. */
export const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);
const text = (value: unknown, otherwise: string) => (typeof value === "string" ? value : otherwise);
export const resourcesOf = (state: ExportedState) => state.deployment.resources ?? [];

/** What a destroy without the protected resources left: data volumes, and the secrets inside them. */
export function kept(state: ExportedState): { volumes: string[]; secrets: string[] } {
  const resources = resourcesOf(state).filter((resource) => resource.protect);
  const data = resources.filter(({ type }) => type === volumeType);
  const secrets = resources.filter(({ type }) => type.startsWith("random:"));
  return {
    volumes: data.map(({ urn, outputs }) => text(outputs?.["name"], nameOf(urn))),
    secrets: secrets.map(({ urn }) => nameOf(urn)),
  };
}

/** The engines of a stack's resources. The default engine is the empty string. */
export function engineHosts(state: ExportedState): string[] {
  const providers = resourcesOf(state).filter(({ type }) => type === "pulumi:providers:docker");
  const hosts = providers.map(({ inputs }) => text(inputs?.["host"], ""));
  return [...new Set(hosts.length > 0 ? hosts : [""])];
}

/** A volume or a container, and its engine: the empty string for the default one. */
export interface OnEngine {
  host: string;
  name: string;
}

/** Every volume of the stack, with its engine. Only volumes in the state may be deleted. */
export function volumes(state: ExportedState): OnEngine[] {
  return resourcesOf(state)
    .filter(({ type }) => type === volumeType)
    .map((volume) => onEngine(volume, state));
}

/** Where a volume or a container is. */
export function onEngine(
  { provider = "", outputs, urn }: StateResource,
  state: ExportedState,
): OnEngine {
  return { host: hostOf(provider, state), name: text(outputs?.["name"], nameOf(urn)) };
}

/** The address of a provider's engine. The default engine is the empty string. */
export function hostOf(provider: string, state: ExportedState): string {
  const found = resourcesOf(state).find((one) => provider.startsWith(`${one.urn}::`));
  return text(found?.inputs?.["host"], "");
}

export const volumeType = "docker:index/volume:Volume";

/** Whether the state has a container of this name. It may be gone from its engine. */
export function hasContainer(state: ExportedState, name: string): boolean {
  return resourcesOf(state).some(
    ({ type, outputs }) => type === containerType && outputs?.["name"] === name,
  );
}

const containerType = "docker:index/container:Container";

/** The containers of the standbys, with their engines, by the standbys' names. */
export function standbyContainers(state: ExportedState): Map<string, OnEngine> {
  const standbys = resourcesOf(state).filter(({ type }) => type === "laterbase:index:Standby");
  const containers = resourcesOf(state).filter(({ type }) => type === containerType);
  return new Map(
    standbys.flatMap(({ urn }) => {
      const own = containers.find(({ parent }) => parent === urn);
      return own ? [[nameOf(urn), onEngine(own, state)] as const] : [];
    }),
  );
}

/**
 * The steps on the primary that are in the state: Commands whose parent is a PreparedPrimary, the
 * ExternalPrimary in one, or Applications.
 */
export function primarySteps(state: ExportedState): StateResource[] {
  const parents = new Set([
    ...preparedPrimaries(state).flatMap(({ urn }) => [urn, ...within(state, urn)]),
    ...applications(state).map(({ urn }) => urn),
  ]);
  return resourcesOf(state).filter(
    ({ type, parent }) => type.startsWith("command:") && parent && parents.has(parent),
  );
}

/** The components in a component. */
function within(state: ExportedState, urn: string): string[] {
  const external = "laterbase:index:ExternalPrimary";
  return resourcesOf(state)
    .filter(({ type, parent }) => type === external && parent === urn)
    .map((resource) => resource.urn);
}

function preparedPrimaries(state: ExportedState): StateResource[] {
  return resourcesOf(state).filter(({ type }) => type === "laterbase:index:PreparedPrimary");
}

/** The components of the roles that own databases. */
function applications(state: ExportedState): StateResource[] {
  return resourcesOf(state).filter(({ type }) => type === "laterbase:index:Applications");
}

/** One sentence for each thing that these steps created on the primary and that is still there. */
export function remainsOnPrimary(state: ExportedState, project: string, stack: string): string[] {
  const commands = primarySteps(state);
  return preparedPrimaries(state).flatMap(({ urn, outputs = {} }) => {
    const parents = [urn, ...within(state, urn)];
    const own = commands
      .filter(({ parent }) => parents.includes(parent ?? ""))
      .map(({ urn: step }) => nameOf(step));
    const prefix = `${nameOf(urn)}-`;
    const number = resourcesOf(state).find((r) => r.urn.endsWith(`::${prefix}owner`))?.outputs;
    const primary = {
      stack: ownerRecord(ownerName(project, stack), text(number?.["hex"], "?")),
      role: text(outputs["user"], "?"),
      host: text(outputs["host"], "?"),
      port: Number(outputs["port"] ?? 5432),
    };
    const slotStep = `${prefix}slot-`;
    const slots = own
      .filter((step) => step.startsWith(slotStep))
      .map((step) => slotName(step.slice(slotStep.length)));
    const steps: StepName[] = [
      ...(["hba", "slotWalLimit", "dumps", "pgAdmin", "backups", "health", "role"] as const),
    ];
    return [
      ...remains(primary, { slots }, "slot"),
      ...steps
        .filter((step) => own.includes(`${prefix}${stepResource(step)}`))
        .flatMap((step) => remains(primary, {}, step)),
    ];
  });
}

/**
 * The number that the primary has as a part of the stack's owner. Undefined before the first `up`, and where
 * the state is another one than that of the `up` that prepared the primary.
 */
export function ownerNumber(state: ExportedState): string | undefined {
  const [number] = ownerNumbers(state);
  const hex = number?.outputs?.["hex"];
  return typeof hex === "string" ? hex : undefined;
}

function ownerNumbers(state: ExportedState): StateResource[] {
  const parents = new Set(preparedPrimaries(state).map(({ urn }) => urn));
  return resourcesOf(state).filter(
    // There are others beside it, such as the mark of a primary that has no data yet.
    ({ type, parent, urn }) =>
      type === "random:index/randomId:RandomId" &&
      parent &&
      parents.has(parent) &&
      nameOf(urn) === `${nameOf(parent)}-owner`,
  );
}

/**
 * The state without the steps on the primary, and without any reference to them. What they made is still there, so a
 * destroy keeps the owner's number: with it, the next `up` finds its own things and takes the server up again.
 */
export function withoutPrimarySteps(state: ExportedState): ExportedState {
  const gone = new Set(primarySteps(state).map(({ urn }) => urn));
  const numbers = new Set(gone.size > 0 ? ownerNumbers(state).map(({ urn }) => urn) : []);
  const left = withoutResources(state, gone);
  const resources = resourcesOf(left).map((one) =>
    numbers.has(one.urn) ? { ...one, protect: true } : one,
  );
  return { ...left, deployment: { ...left.deployment, resources } };
}

/** The state without these resources, and without any reference to them. */
export function withoutResources(state: ExportedState, gone: ReadonlySet<string>): ExportedState {
  const stays = (urn: string) => !gone.has(urn);
  const scrub = (resource: StateResource): StateResource => {
    const { dependencies, propertyDependencies, deletedWith, replaceWith, ...rest } = resource;
    const properties = Object.entries(propertyDependencies ?? {});
    return {
      ...rest,
      ...(dependencies && { dependencies: dependencies.filter(stays) }),
      ...(propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          properties.map(([name, urns]) => [name, (urns ?? []).filter(stays)]),
        ),
      }),
      ...(deletedWith && stays(deletedWith) && { deletedWith }),
      ...(replaceWith && { replaceWith: replaceWith.filter(stays) }),
    };
  };
  const { resources = [], pending_operations, ...rest } = state.deployment;
  return {
    ...state,
    deployment: {
      ...rest,
      resources: resources.filter(({ urn }) => stays(urn)).map(scrub),
      ...(pending_operations && {
        pending_operations: pending_operations.filter(({ resource }) => stays(resource.urn)),
      }),
    },
  };
}
