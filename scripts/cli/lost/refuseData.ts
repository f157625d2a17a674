import { dataFolder } from "../../../contract/names";
import { inPlaceFiles } from "../../../contract/restoreInPlace";
import type { RestoreContainer } from "../restore/restoreContainer";
import { CliError } from "../terminal/cliError";
import type { LostPrimary } from "./lostPrimary";

/** @throws CliError where the volume has data, or a restore in place that is not finished */
export async function refuseData(
  container: Pick<RestoreContainer, "run">,
  { volumes }: Pick<LostPrimary, "volumes">,
): Promise<void> {
  const has = async (name: string) =>
    (await container.run(["test", "-e", `${dataFolder("primary")}/${name}`])).code === 0;
  if ((await has(inPlaceFiles.before)) || (await has(inPlaceFiles.journal))) {
    throw new CliError(
      `The volume ${volumes.data} has the primary's data, with a restore in place that is not accepted or not finished: bring the stack up, and 'restore --in-place' or 'restore --undo' goes on with it.`,
      4,
    );
  }
  if (!(await has(inPlaceFiles.live))) return;
  throw new CliError(
    `The volume ${volumes.data} has the primary's data: bring the stack up, and nothing has to be restored.`,
    4,
  );
}
