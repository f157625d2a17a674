import { Readable } from "node:stream";
import tar from "tar-stream";
import { dataFolder } from "../../../../contract/names";
import { connect } from "../../../engine/connect";
import { untilReady } from "../../../engine/untilReady";
import type { Located } from "../../stack/outputs";

/** The containers of the standbys, by the standbys' names. */
export type Standbys = ReadonlyMap<string, Located>;

/** What a standby's entry point reads: it deletes its data once the primary answers, and makes a new clone. */
const request = { name: "rebuild", content: "discard\n" };
const server = 999;

/**
 * Stops a standby, and asks for a new clone. Its data hold rows that the primary will not have any more, so they answer
 * no query again, whatever starts the container.
 */
export async function stopStandby({ name, host }: Located): Promise<void> {
  const container = connect({ host }).getContainer(name);
  await container.stop().catch((error: Error & { statusCode?: number }) => {
    if (error.statusCode !== 304) throw error;
  });
  const pack = tar.pack();
  pack.entry({ name: request.name, uid: server, gid: server, mode: 0o600 }, request.content);
  pack.finalize();
  await container.putArchive(Readable.from(pack), { path: dataFolder("standby") });
}

/** Starts a standby, which makes its new clone. */
export async function startStandby({ name, host }: Located): Promise<void> {
  await connect({ host })
    .getContainer(name)
    .start()
    .catch((error: Error & { statusCode?: number }) => {
      if (error.statusCode !== 304) throw error;
    });
}

/** Waits until a standby follows. @throws Error with its own sentence when longer waiting makes no sense */
export function untilFollowing({ name, host }: Located, say: (turn: string) => void) {
  return untilReady(connect({ host }), name, say);
}
