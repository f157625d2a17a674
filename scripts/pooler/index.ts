export { deliver, type PoolerFiles } from "./deliver";
export { hold, type HoldOptions, release } from "./hold";
