import type { FoundThing } from "../engines/found";
import type { Recorded } from "../engines/recorded";

/** What the things on the engines are to a stack's state. */
export interface Judgement {
  /**
   * Containers and networks that this stack made and its state does not know: a run was killed, or a container
   * was made again after a run that failed.
   */
  halfMade: FoundThing[];
  /** Things with the same names. Nothing shows that this stack made them. */
  unknown: FoundThing[];
  /** Whether the state knows nothing of any engine: it is new, or it was lost. */
  blank: boolean;
}

/**
 * Tells this stack's own things from those of another one of the same name. A network's name can be there once,
 * and every container of a stack is in its network. So on an engine where the network has the id that the
 * state holds, everything with the stack's names is this stack's. A run that was killed left in the state what
 * it was making.
 */
export function judge(found: readonly FoundThing[], recorded: Recorded): Judgement {
  const { things, begun } = recorded;
  const known = new Set(things.map(({ kind, id }) => `${kind} ${id}`));
  const isKnown = ({ kind, id }: FoundThing) => known.has(`${kind} ${id}`);
  const claimed = new Set(
    found.filter((thing) => thing.kind === "network" && isKnown(thing)).map(({ host }) => host),
  );
  const wasBegun = ({ kind, name, host }: FoundThing) =>
    begun.some((one) => one.kind === kind && one.name === name && one.host === host);
  const isOurs = (thing: FoundThing) => claimed.has(thing.host) || wasBegun(thing);
  const others = found.filter((thing) => !isKnown(thing));
  return {
    // A volume is not in the way: to make it again means to use it.
    halfMade: others.filter((thing) => thing.kind !== "volume" && isOurs(thing)),
    unknown: others.filter((thing) => !isOurs(thing)),
    blank: isBlank(recorded),
  };
}

/** Whether a state knows nothing of any engine. */
export const isBlank = ({ things, begun }: Recorded): boolean =>
  things.length === 0 && begun.length === 0;
