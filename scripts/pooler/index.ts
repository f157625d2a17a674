export { deliver, type PoolerFiles } from "./apply";
export { hold, type HoldOptions, release } from "./pause";
