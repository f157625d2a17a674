import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../kit/context";
import { sentenceOf } from "../kit/failure";
import type { BackupQueue } from "../pgBackRest/queue";

const intervalMs = 15_000;

let cleaning: Promise<void> | undefined;

/**
 * Removes what a killed drill has left, and resumes replay on the standby. Where that fails, the next call does it.
 * A call while another one is under way waits for that one.
 */
export function afterDrill(context: Context): Promise<void> {
  cleaning ??= cleanAfter(context).finally(() => {
    cleaning = undefined;
  });
  return cleaning;
}

async function cleanAfter(context: Context): Promise<void> {
  const { cleanUp, isSomethingLeft } = await import("../pgBackRest/drill/cleanUp.js");
  if (!(await isSomethingLeft(context))) return;
  await cleanUp(context).then(
    () => context.log("what a drill had left is removed, and replay on the standby goes on"),
    (error: unknown) => context.log(`a drill has left something: ${sentenceOf(error)}`),
  );
}

/** Does so at the start and again and again, until the signal ends it. */
export async function watchDrills(
  context: Context,
  backups: Pick<BackupQueue, "isUnderWay">,
  signal: AbortSignal,
): Promise<void> {
  for (; ; await sleep(intervalMs, undefined, { signal })) {
    if (!backups.isUnderWay("drill")) await afterDrill(context);
  }
}
