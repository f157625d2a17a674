import type Docker from "dockerode";
import { connect } from "../../engine/connect";
import { exists } from "../../engine/exists";
import { unlessAborted } from "../../engine/unlessAborted";
import type { FoundThing } from "./found";
import type { RecordedThing } from "./recorded";

const limitMs = 15_000;

/**
 * The containers among these that no engine can start again: they are stopped, and a network of theirs was removed,
 * as `docker network prune` does. A new network of the same name does not help, because they know the old one's id.
 */
export async function strandedAmong(containers: readonly RecordedThing[]): Promise<FoundThing[]> {
  const found = await Promise.all(
    containers.map(async ({ kind, id, name, host }) => {
      const engine = connect({ host });
      // What cannot be looked at is left alone: the run itself says why.
      const looked = unlessAborted(isStranded(engine, id), AbortSignal.timeout(limitMs));
      const stranded = await looked.catch(() => false);
      return stranded ? [{ kind, id, name, host }] : [];
    }),
  );
  return found.flat();
}

async function isStranded(engine: Docker, id: string): Promise<boolean> {
  const { State, NetworkSettings } = await engine.getContainer(id).inspect();
  if (State.Running) return false;
  const ids = Object.values(NetworkSettings.Networks).map(({ NetworkID }) => NetworkID);
  const there = await Promise.all(ids.filter(Boolean).map((one) => exists(engine.getNetwork(one))));
  return there.includes(false);
}
