import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { DiskFacts } from "../../../contract/agentOverview";
import { posixRepository } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";

/** The file system of a repository in a folder of the engine's machine, with the number of its device. */
export interface RepositoryDisk extends DiskFacts {
  dev: number;
}

const patienceMs = 3000;

/** The repositories whose folder has not answered yet: a process that waits for a disk may not end at all. */
const asked = new Set<number>();

/**
 * The room of the repositories in folders, each of which may be a disk of its own. Processes ask: a share whose server
 * is away would hold the agent's own. What does not answer is left out, as the look at that repository says why.
 */
export async function repositoryDisks({
  config,
}: Pick<Context, "config">): Promise<RepositoryDisk[]> {
  const { repositories = [] } = config.backups ?? {};
  // One of the volume has no path, and a sentence for its place.
  const folders = repositories.filter(
    ({ number, type, location }) =>
      type === "posix" && location.startsWith("/") && !asked.has(number),
  );
  const found = folders.map(async ({ number }) => {
    asked.add(number);
    const answer = diskOf(number).finally(() => asked.delete(number));
    return Promise.race([answer, sleep(3 * patienceMs, [], { ref: false })]);
  });
  return (await Promise.all(found)).flat();
}

async function diskOf(number: number): Promise<RepositoryDisk[]> {
  const folder = posixRepository(number);
  const [dev] = await numbersOf(["-c", "%d", folder]);
  // The size of a block, all blocks, and those that are free.
  const [block, all, free] = dev ? await numbersOf(["-f", "-c", "%S %b %a", folder]) : [];
  if (!dev || !block || !all || free === undefined) return [];
  return [{ dev, holds: `repository ${number}`, bytes: all * block, free: free * block }];
}

async function numbersOf(words: readonly string[]): Promise<number[]> {
  const { stdout, failed } = await execa("stat", words, {
    ...{ reject: false, stdin: "ignore" as const },
    ...{ timeout: patienceMs, killSignal: "SIGKILL" },
  });
  return failed ? [] : stdout.split(" ").map(Number);
}
