import {
  type ExportedState,
  hostOf,
  nameOf,
  primarySteps,
  resourcesOf,
  type StateResource,
  withoutResources,
} from "./exportedState";

/** A standby, with the engine that it has for itself or shares with other standbys. */
export interface StandbyEngine {
  /** The engine's address. */
  host: string;
  /** Of the standby: the component and everything in it. */
  own: ReadonlySet<string>;
  /** Of the engine, when no other standby is on it: the provider, the network and the images. */
  shared: ReadonlySet<string>;
}

/** Why a standby cannot be taken out without its engine. */
export type NoEngine = "nothing in the state" | "the stack's own engine";

/** The engine of a standby, by the state. */
export function engineOf(standby: string, state: ExportedState): StandbyEngine | NoEngine {
  const all = resourcesOf(state);
  const byUrn = new Map(all.map((resource) => [resource.urn, resource]));
  const standbyOf = (one: StateResource | undefined): string | undefined =>
    !one || one.type === standbyType
      ? one && nameOf(one.urn)
      : standbyOf(byUrn.get(one.parent ?? ""));
  const own = all.filter((one) => standbyOf(one) === standby);
  const provider = own.find(({ type }) => type.startsWith("docker:"))?.provider;
  if (provider === undefined) return "nothing in the state";
  const beside = all.filter((one) => one.provider === provider && standbyOf(one) !== standby);
  const ofEngine = beside.filter(({ type }) => ENGINE_TYPES.has(type));
  const others = beside.filter((one) => !ofEngine.includes(one));
  if (others.some((one) => standbyOf(one) === undefined)) return "the stack's own engine";
  const providers = all.filter(({ urn }) => provider.startsWith(`${urn}::`));
  const shared = others.length > 0 ? [] : [...ofEngine, ...providers];
  return { host: hostOf(provider, state), own: urnsOf(own), shared: urnsOf(shared) };
}

const standbyType = "laterbase:index:Standby";

/** What a stack has on each of its engines once. */
const ENGINE_TYPES = new Set([
  "docker:index/network:Network",
  "docker:index/remoteImage:RemoteImage",
]);

const urnsOf = (resources: readonly StateResource[]) => new Set(resources.map(({ urn }) => urn));

/**
 * The state without a standby whose engine is gone. The steps on the primary that began at that engine begin at
 * the stack's own one, so that `up` can take the slot away.
 */
export function withoutStandby(state: ExportedState, engine: StandbyEngine): ExportedState {
  const left = withoutResources(state, new Set([...engine.own, ...engine.shared]));
  const place = placeBeside(engine, state);
  const steps = urnsOf(primarySteps(state));
  const resources = resourcesOf(left).map((one) => {
    const began = (one.inputs?.["environment"] ?? {}) as Record<string, unknown>;
    if (!steps.has(one.urn) || began["LATERBASE_ENGINE"] !== engine.host) return one;
    const environment = { ...began, ...place };
    return {
      ...one,
      inputs: { ...one.inputs, environment },
      outputs: { ...one.outputs, environment },
    };
  });
  return { ...left, deployment: { ...left.deployment, resources } };
}

/** Where a step begins, as components/preparedPrimary/step.ts says it: at the first engine that is another one. */
function placeBeside({ host }: StandbyEngine, state: ExportedState): Record<string, unknown> {
  const all = resourcesOf(state);
  const [provider] = all.filter(
    ({ type, inputs }) => type === "pulumi:providers:docker" && (inputs?.["host"] ?? "") !== host,
  );
  if (!provider) return {};
  const nameIn = (what: string) =>
    all.find(({ urn }) => nameOf(urn) === `${nameOf(provider.urn)}-${what}`)?.outputs?.["name"];
  return {
    LATERBASE_ENGINE: provider.inputs?.["host"] ?? "",
    LATERBASE_IMAGE: nameIn("image"),
    LATERBASE_NETWORK: nameIn("network"),
  };
}
