import { buffer } from "node:stream/consumers";
import { posix } from "node:path";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import {
  reloadedFile,
  renderParameters,
  type ServerSettingsInput,
} from "../../contract/serverSettings";

/** PostgreSQL's user in every image. */
const owner = 999;

/**
 * Gives the settings to a server whose container does not run, because a value among those that it has may be what
 * stops it. The engine starts a container that ended later and later, so it starts that one now. One that a person
 * stopped stays stopped.
 *
 * @returns whether it did that
 */
export async function settingsOfStopped(
  engine: Docker,
  name: string,
  { kind, reload }: Pick<ServerSettingsInput, "kind" | "reload">,
): Promise<boolean> {
  const container = engine.getContainer(name);
  const info = await container.inspect().catch((error: Error & { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
  });
  // The engine counts a container as running while it waits to start it again.
  if (!info || (info.State.Running && !info.State.Restarting)) return false;
  const { dir, base } = posix.parse(reloadedFile(kind));
  const tar = pack();
  const file = { name: base, mode: 0o600, uid: owner, gid: owner, mtime: new Date() };
  tar.entry(file, renderParameters(reload));
  tar.finalize();
  await container.putArchive(await buffer(tar), { path: dir });
  if (info.State.Restarting) await container.restart();
  return true;
}
