import type Docker from "dockerode";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { PgBackRestInput } from "../../../contract/pgBackRestStep";
import { runAsRoot } from "../../engine/rootScript";

/**
 * A missing folder was made by Docker as root's, and one that exists may be another user's. Its group stays. Nothing
 * but an empty folder or a repository is taken: a path may name /home by mistake.
 */
const script = `
if [ "$(stat -c %u /repository)" != 999 ]; then
  other=$(find /repository -mindepth 1 -maxdepth 1 ! -name archive ! -name backup ! -name lost+found -printf 'x' -quit)
  [ -z "$other" ] || exit 3
  chown 999 /repository
fi
chmod u+rwx /repository`;
const notOurs = 3;

/** Makes each repository's folder of the engine's machine one that PostgreSQL's user can write. */
export async function takeOverFolders(
  engine: Docker,
  { place, mounts }: Pick<PgBackRestInput, "place" | "mounts">,
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
    if (said.code === notOurs) {
      throw new Error(
        `The folder ${source} of a repository holds other files and belongs to another user: give the repository a ` +
          `folder of its own, such as ${source}/pgbackrest.`,
      );
    }
    if (said.code !== 0) {
      const why = said.stderr.trim().split("\n").at(-1) ?? "";
      throw new Error(`The folder ${source} of a repository cannot be used: ${why}.`);
    }
  }
}
