import type { RestorePlan } from "../../../contract/restorePlan";
import { dataFolder } from "../../../contract/names";
import { CliError } from "../terminal/cliError";
import { size } from "../terminal/format";
import type { RestoreContainer } from "./restoreContainer";

const segmentBytes = 16 * 2 ** 20;
/** A server that replays keeps no more segments than these: it removes those before its last restart point. */
const mostSegments = 64;

/** What a restore needs: the data, and the WAL that is there at a time. */
export function neededBytes({ set, wal }: Pick<RestorePlan, "set" | "wal">): number {
  return set.bytes + Math.min(wal.segments, mostSegments) * segmentBytes;
}

/**
 * Looks whether the volume that a restore's container has mounted has room for the data.
 *
 * @throws CliError with both figures
 */
export async function needRoom(
  container: RestoreContainer,
  plan: Pick<RestorePlan, "set" | "wal">,
): Promise<void> {
  const { code, stdout, stderr } = await container.run([
    ...["df", "--block-size=1", "--output=avail", dataFolder("primary")],
  ]);
  const free = Number(stdout.trim().split("\n").at(-1));
  if (code !== 0 || Number.isNaN(free)) throw new CliError(`The room cannot be seen: ${stderr}`);
  const needed = neededBytes(plan);
  if (free >= needed) return;
  throw new CliError(
    `The restore needs ${size(needed)} on the primary's engine, and ${size(free)} are free: make room there.`,
    4,
  );
}
