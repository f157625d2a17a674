import { serverVolumes, stackPrefix } from "../../contract/names";
import { visible } from "../../contract/visible";
import { connect } from "../engine/connect";
import { unlessAborted } from "../engine/unlessAborted";
import type { StepEvent } from "./events";
import { plainName } from "./guard";
import { project } from "./run";
import { changesOf } from "./words/changes";
import { keyChanges } from "./words/keys";

/** Another engine in the stack file for what there is already. */
interface Move {
  /** Undefined: the whole stack. */
  standby?: string;
  /** The addresses. The default engine is the empty string. */
  from: string;
  to: string;
}

/**
 * The engines of a plan that are others than before, by the record of the configuration in the state. That record is
 * there before anything is made, also with an address that was mistyped, so only what has a volume moves.
 */
function movesOf(steps: readonly StepEvent[], prefix: string): Move[] {
  const volumes = steps.flatMap(({ type, old }) =>
    type === volumeType && old ? text(old.inputs["name"]) : [],
  );
  const moves = keyChanges(changesOf(steps)).flatMap(
    ({ path: [top, standby, key, ...rest], from, to }): Move[] => {
      const addresses = { from: text(from), to: text(to) };
      if (top === "dockerHost") return [addresses];
      const isStandbys = top === "standbys" && key === "dockerHost" && rest.length === 0;
      return isStandbys && standby !== undefined ? [{ standby, ...addresses }] : [];
    },
  );
  return moves.filter(({ standby }) => holds(volumes, prefix, standby));
}

const volumeType = "docker:index/volume:Volume";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** What an engine says of itself. */
export interface LookedAt {
  /** What it calls itself. */
  id: string;
  /** The names of its volumes. */
  volumes: readonly string[];
}

/**
 * A sentence for each part that a plan would have on another engine. Pulumi takes what is on the old engine for what is
 * on the new one, so nothing moves, and the first refresh finds everything gone. Another address of the same
 * engine is none. Where the old address does not answer any more, the volumes of the part show that it is the same.
 *
 * @param look looks at an engine. Undefined: it does not answer
 * @returns a sentence each, and whether neither engine answered: then nobody knows whether it is a move
 */
export async function movedEngines(
  steps: readonly StepEvent[],
  stack: string,
  look: (host: string) => Promise<LookedAt | undefined> = lookAt,
): Promise<{ sentence: string; unseen: boolean }[]> {
  const prefix = stackPrefix(project, plainName(stack));
  const sentences = movesOf(steps, prefix).map(async ({ standby, from, to }) => {
    const [before, now] = await Promise.all([look(from), look(to)]);
    const isSame = before ? before.id === now?.id : now && holds(now.volumes, prefix, standby);
    if (isSame) return [];
    const flag = stack === "dev" ? "" : ` --stack ${stack}`;
    const [old, next] = [from, to].map(named);
    const sentence =
      standby === undefined
        ? `laterbase:dockerHost is ${next}, and the stack is on ${old}: 'up' moves no stack, because its data stay where they are. ` +
          `Put the old engine back. docs/tasks/move-to-another-host.md shows how a stack moves.`
        : `The dockerHost of the standby "${visible(standby)}" is ${next}, and it is on ${old}${before ? "" : ", which does not answer"}: 'up' moves no standby. ` +
          insteadOfMoving(`npm run laterbase -- forget ${visible(standby)}${flag}`, !before);
    return [{ sentence, unseen: !before && !now }];
  });
  return (await Promise.all(sentences)).flat();
}

/** How a standby comes to another engine: `up` needs an old one that lives. */
function insteadOfMoving(forget: string, silent: boolean): string {
  return silent
    ? `Put the old engine back. If its machine is gone for good, add a standby with another name on the new engine, run '${forget} --engine-gone', and then 'up'.`
    : `Put the old engine back, and add a standby with another name on the new one. When that one has cloned, '${forget}' takes the old one out.`;
}

const named = (host: string): string => (host === "" ? "the default engine" : visible(host));

const patienceMs = 5000;

async function lookAt(host: string): Promise<LookedAt | undefined> {
  const engine = connect({ host });
  const asked = Promise.all([engine.info() as Promise<{ ID?: string }>, engine.listVolumes()]);
  try {
    const [{ ID: id }, { Volumes }] = await unlessAborted(asked, AbortSignal.timeout(patienceMs));
    return id ? { id, volumes: (Volumes ?? []).map(({ Name }) => Name) } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the data of a standby, or of any part of the stack, are among these volumes. */
function holds(volumes: readonly string[], prefix: string, standby: string | undefined): boolean {
  if (standby !== undefined) return volumes.includes(serverVolumes(prefix, standby).data);
  return volumes.some((name) => name.startsWith(`${prefix}-`));
}
