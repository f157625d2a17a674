import { resolve } from "node:path";

/**
 * A path that an operator typed, as an absolute one. The command works in its checkout, and scripts/npm/laterbase.sh says
 * where it was called from.
 */
export const operatorPath = (typed: string): string =>
  resolve(process.env["LATERBASE_CALLED_FROM"] || ".", typed);
