import type * as Drift from "../doctor/drift";
import type * as UpLooks from "../doctor/looks";
import { collect } from "./collect";
import { assess } from "./judge";

/** How a stack is looked at as a whole. Tests replace it. */
export const looks = {
  collect,
  assess,
  // Reading a configuration loads all schemas, which takes longer than the look of `status`.
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
  get driftNow() {
    return (require("../doctor/drift") as typeof Drift).driftNow;
  },
  get lookNow() {
    return (require("../doctor/looks") as typeof UpLooks).lookNow;
  },
  /* eslint-enable @typescript-eslint/no-require-imports */
};
