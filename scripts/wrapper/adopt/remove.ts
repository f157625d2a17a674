import type Docker from "dockerode";
import { connect } from "../../engine/connect";
import type { FoundThing } from "../engines/found";

/** Seconds that a container has to stop where its own time is not known. */
const graceSeconds = 10;

/**
 * Removes containers, which stop first as they do for Pulumi, and then networks. No volume is removed, not
 * even one without a name.
 *
 * @throws what the engine answers
 */
export async function removeThings(things: readonly FoundThing[]): Promise<void> {
  const of = (kind: string) => things.filter((thing) => thing.kind === kind);
  await Promise.all(
    of("container").map(({ host, id }) => removeContainer(connect({ host }).getContainer(id))),
  );
  await Promise.all(
    of("network").map(({ host, id }) => connect({ host }).getNetwork(id).remove().catch(gone)),
  );
}

async function removeContainer(container: Docker.Container): Promise<void> {
  const info = await container.inspect().catch(gone);
  if (!info) return;
  const { StopTimeout: t = graceSeconds } = info.Config as { StopTimeout?: number };
  // 304: it is stopped.
  await container.stop({ t }).catch((error: EngineError) => {
    if (error.statusCode !== 304) gone(error);
  });
  await container.remove({ force: true, v: false }).catch(gone);
}

type EngineError = Error & { statusCode?: number };

/** What is gone needs no removal. */
function gone(error: EngineError): undefined {
  if (error.statusCode === 404) return undefined;
  throw error;
}
