import type * as Root from "./laterbase";
import type * as Looks from "./stack/looks";

/**
 * The components of a stack. To load them takes a quarter of a second, so the program does it while the primary and the
 * engine answer.
 */
export function components() {
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
  const { Laterbase } = require("./laterbase") as typeof Root;
  const { look } = require("./stack/looks") as typeof Looks;
  /* eslint-enable @typescript-eslint/no-require-imports */
  return { Laterbase, look };
}
