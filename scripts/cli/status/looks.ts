import { driftNow } from "../doctor/drift";
import { lookNow } from "../doctor/looks";
import { collect } from "./collect";
import { assess } from "./judge";

/** How a stack is looked at as a whole. Tests replace it. */
export const looks = { collect, assess, driftNow, lookNow };
