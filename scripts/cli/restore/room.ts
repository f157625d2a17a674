import type { RestorePlan } from "../../../contract/restorePlan";
import { restoreRoom } from "../../../contract/restoreRoom";
import { dataFolder } from "../../../contract/names";
import { CliError } from "../terminal/cliError";
import { size } from "../terminal/format";
import type { RestoreContainer } from "./restoreContainer";

/** The room that the data of a plan need, with the WAL that is there at a time. */
export const roomFor = ({ set, wal }: Pick<RestorePlan, "set" | "wal">): number =>
  restoreRoom({ bytes: set.bytes, segments: wal.segments, maxWal: wal.maxSize });

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
  const needed = roomFor(plan);
  if (free >= needed) return;
  throw new CliError(
    `The restore needs ${size(needed)} on the primary's engine, and ${size(free)} are free: make room there.`,
    4,
  );
}
