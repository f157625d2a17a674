import { inPlaceFiles } from "./restoreInPlace";

/**
 * What says that the volume of a managed primary has data. A restore in place that was stopped between two renames
 * has them under another name, and the server's entry point waits for the rest of it.
 */
export const primaryDataFiles: readonly string[] = [
  `${inPlaceFiles.live}/PG_VERSION`,
  `${inPlaceFiles.before}/PG_VERSION`,
  inPlaceFiles.journal,
];
