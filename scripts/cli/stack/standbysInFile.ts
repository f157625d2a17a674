import { existsSync, readFileSync } from "node:fs";
import { standbyNames } from "./parts";
import { valuesOf } from "./stackFile";

/**
 * The standbys of a stack file, in its order: the first one serves the pooler's reads and the dumps. Pulumi's state has
 * them in the order in which they were made. A file that cannot be read names nothing: the command that needs it says why.
 */
export function standbysInFile(file: string): string[] {
  if (!existsSync(file)) return [];
  try {
    const { config } = valuesOf(readFileSync(file, "utf8")) as { config?: Record<string, unknown> };
    return standbyNames({ standbys: config?.["laterbase:standbys"] });
  } catch {
    return [];
  }
}
