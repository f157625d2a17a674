import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { visible } from "../../../contract/visible";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { placeOf } from "./folderTrial";

/** The mark of a folder of dumps. */
const MARK = ".stack";
/** What systems put into a folder by themselves, and what is ours. `images/agent/bin/laterbase-agent` has the same list. */
const ownOrSystems =
  /^(?:\.partial|\.laterbase-.*|lost\+found|\.DS_Store|\._.*|\.Trash.*|\.fseventsd|\.Spotlight-V100|\.DocumentRevisions-V100|\.TemporaryItems|\.apdisk|System Volume Information|\$RECYCLE\.BIN|Thumbs\.db|desktop\.ini|#recycle|@Recycle|@eaDir|\.@__thumb|\.stfolder)$/;
/** The folder of a dump. */
const dump = /^\d{8}T\d{6}Z/;

/**
 * Refuses a folder of the engine's machine that holds other files than dumps. The agent would give all of them another
 * group, which may read them, and the folder another owner. The image's entry point changes nothing in such a folder.
 */
export async function refuseOtherFiles(context: Pick<Context, "config" | "paths">): Promise<void> {
  const { backups } = context.paths;
  if (context.config.dumps.path === undefined) return;
  const names = await readdir(backups);
  if (names.includes(MARK)) return;
  for (const name of names.filter((one) => !ownOrSystems.test(one)).sort()) {
    const inside = await readdir(join(backups, name)).catch(() => undefined);
    if (inside?.some((one) => dump.test(one))) continue;
    // The folder of a database whose dumps were deleted. A hidden one is another program's.
    if (inside?.length === 0 && !name.startsWith(".")) continue;
    throw new Failure(
      `${placeOf(context)} holds other files, such as ${visible(name)}, which the agent would give another group and ` +
        "other modes. Give the dumps a folder of their own, or move the other files away and restart the agent's container.",
    );
  }
}
