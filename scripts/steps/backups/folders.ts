import type Docker from "dockerode";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { PgBackRestInput } from "../../../contract/pgBackRestStep";
import { runAsRoot } from "../../engine/rootScript";

/** A missing folder was made by Docker as root's, and one that exists may be another user's. Its group stays. */
const script = `
[ "$(stat -c %u /repository)" = 999 ] || chown 999 /repository
chmod u+rwx /repository`;

/** Makes each repository's folder of the engine's machine one that PostgreSQL's user can write. */
export async function takeOverFolders(
  engine: Docker,
  { place, mounts }: PgBackRestInput,
): Promise<void> {
  const folders = mounts.filter(
    ({ source, target }) =>
      source.startsWith("/") && target.startsWith(`${pgBackRestPaths.repositories}/`),
  );
  for (const { source } of folders) {
    const said = await runAsRoot(engine, {
      image: place.image,
      script,
      words: [],
      capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
      mounts: [{ folder: source, target: "/repository" }],
    });
    if (said.code !== 0) {
      const why = said.stderr.trim().split("\n").at(-1) ?? "";
      throw new Error(`The folder ${source} of a repository cannot be used: ${why}.`);
    }
  }
}
