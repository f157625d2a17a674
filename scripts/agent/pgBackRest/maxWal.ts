import { walMegabytes } from "../../../contract/walSize";
import type { Context } from "../kit/context";
import { askServer } from "./servers";

/** The primary's max_wal_size in MB. Undefined: it does not answer. */
export async function primaryMaxWal(context: Context): Promise<number | undefined> {
  try {
    const asked = "SELECT pg_catalog.current_setting('max_wal_size') AS size";
    return walMegabytes((await askServer<{ size: string }>(context, "primary", asked)).size);
  } catch {
    return undefined;
  }
}
