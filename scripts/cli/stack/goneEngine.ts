import { CliError } from "../terminal/cliError";
import {
  type ExportedState,
  hostOf,
  nameOf,
  onEngine,
  type OnEngine,
  primarySteps,
  resourcesOf,
  type StateResource,
  volumeType,
  withoutResources,
} from "./exportedState";

/** A standby, with the engine that it has for itself or shares with other standbys. */
export interface StandbyEngine {
  /** The engine's address. */
  host: string;
  /** Of the standby: the component and everything in it. */
  own: ReadonlySet<string>;
  /** Of the engine, when no other standby is on it: the provider, the network, the images and the limits. */
  shared: ReadonlySet<string>;
  /** The other standbys on it, by name. */
  others: string[];
  /** The standby's volumes there. */
  volumes: OnEngine[];
}

/** Why a standby cannot be taken out without its engine. */
export type NoEngine = "nothing in the state" | "the stack's own engine";

/**
 * The engine of a standby, by the state.
 *
 * @param stackHost the address of the stack's own engine. The default engine is the empty string
 */
export function engineOf(
  standby: string,
  state: ExportedState,
  stackHost: string,
): StandbyEngine | NoEngine {
  const all = resourcesOf(state);
  const byUrn = new Map(all.map((resource) => [resource.urn, resource]));
  const standbyOf = (resource: StateResource): string | undefined => {
    for (let at: StateResource | undefined = resource; at; at = byUrn.get(at.parent ?? ""))
      if (at.type === standbyType) return nameOf(at.urn);
    return undefined;
  };
  const own = all.filter((one) => standbyOf(one) === standby);
  const provider = own.find(({ type }) => type.startsWith("docker:"))?.provider;
  if (provider === undefined) return "nothing in the state";
  const host = hostOf(provider, state);
  const beside = all.filter((one) => one.provider === provider && standbyOf(one) !== standby);
  // The file may name another engine by now than the one that holds the other parts.
  const holdsParts = beside.some((one) => !ENGINE_TYPES.has(one.type) && !standbyOf(one));
  if (host === stackHost || holdsParts) return "the stack's own engine";
  const others = new Set(beside.flatMap((one) => standbyOf(one) ?? []));
  const steps = urnsOf(primarySteps(state));
  // Such as the limits of processes.
  const programs = all.filter(
    (one) => !steps.has(one.urn) && !own.includes(one) && placeOf(one)["LATERBASE_ENGINE"] === host,
  );
  const providers = all.filter(({ urn }) => provider.startsWith(`${urn}::`));
  return {
    host,
    own: urnsOf(own),
    shared: urnsOf(others.size > 0 ? [] : [...beside, ...programs, ...providers]),
    others: [...others],
    volumes: own.filter(({ type }) => type === volumeType).map((one) => onEngine(one, state)),
  };
}

const standbyType = "laterbase:index:Standby";

/** What a stack has on each of its engines once. */
const ENGINE_TYPES = new Set([
  "docker:index/network:Network",
  "docker:index/remoteImage:RemoteImage",
]);

const urnsOf = (resources: readonly StateResource[]) => new Set(resources.map(({ urn }) => urn));

const placeOf = ({ inputs }: StateResource) =>
  (inputs?.["environment"] ?? {}) as Record<string, unknown>;

/**
 * The state without a standby whose engine is gone. The steps on the primary that began at that engine begin at
 * the stack's own one, so that `up` can take the slot away.
 *
 * @throws CliError where the state has no such engine
 */
export function withoutStandby(
  state: ExportedState,
  engine: StandbyEngine,
  stackHost: string,
): ExportedState {
  const left = withoutResources(state, new Set([...engine.own, ...engine.shared]));
  const steps = urnsOf(primarySteps(state));
  const resources = resourcesOf(left).map((one) => {
    const began = placeOf(one);
    if (!steps.has(one.urn) || began["LATERBASE_ENGINE"] !== engine.host) return one;
    const environment = { ...began, ...placeOn(stackHost, left) };
    return {
      ...one,
      inputs: { ...one.inputs, environment },
      outputs: { ...one.outputs, environment },
    };
  });
  return { ...left, deployment: { ...left.deployment, resources } };
}

/** Where a step begins on an engine, as components/preparedPrimary/step.ts says it. */
function placeOn(host: string, state: ExportedState): Record<string, string> {
  const all = resourcesOf(state);
  const provider = all.find(
    ({ type, inputs }) => type === "pulumi:providers:docker" && (inputs?.["host"] ?? "") === host,
  );
  const nameIn = (what: string): unknown =>
    all.find(({ urn }) => provider && nameOf(urn) === `${nameOf(provider.urn)}-${what}`)?.outputs?.[
      "name"
    ];
  const [image, network] = [nameIn("image"), nameIn("network")];
  if (typeof image !== "string" || typeof network !== "string") {
    throw new CliError(
      "The state has no image and network on the stack's own engine, where the steps on the primary could begin. Nothing was changed.",
      4,
    );
  }
  return { LATERBASE_ENGINE: host, LATERBASE_IMAGE: image, LATERBASE_NETWORK: network };
}
