import { execa } from "execa";
import type { DiskFacts } from "../../../contract/agentOverview";
import { posixRepository } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";

/** The file system of a repository in a folder of the engine's machine, with the number of its device. */
export interface RepositoryDisk extends DiskFacts {
  dev: number;
}

const patienceMs = 5000;

/** The device; then the size of a block, all blocks, and those that are free. */
const script = 'stat -c %d "$1" && stat -f -c "%S %b %a" "$1"';

/**
 * The room of the repositories in folders, each of which may be a disk of its own. A process asks: a share whose server
 * is away would hold the agent's own. What does not answer is left out, as the look at that repository says why.
 */
export async function repositoryDisks({
  config,
}: Pick<Context, "config">): Promise<RepositoryDisk[]> {
  const { repositories = [] } = config.backups ?? {};
  // One of the volume has no path, and a sentence for its place.
  const folders = repositories.filter(
    ({ type, location }) => type === "posix" && location.startsWith("/"),
  );
  const found = await Promise.all(
    folders.map(async ({ number }) => {
      const { stdout } = await execa("bash", ["-c", script, "bash", posixRepository(number)], {
        ...{ reject: false, stdin: "ignore" as const },
        ...{ timeout: patienceMs, killSignal: "SIGKILL" },
      });
      const [dev, block, all, free] = stdout.split(/\s+/).map(Number);
      if (!dev || !block || !all || free === undefined) return [];
      return [{ dev, holds: `repository ${number}`, bytes: all * block, free: free * block }];
    }),
  );
  return found.flat();
}
