export { adopt, type Adopted } from "./adopt";
export { type EngineLook, halfMadeOf, lookAtEngines, restoreOf } from "./look";
export { losses } from "./losses";
export { EnginesRefuse, heldState, listed, restoreAtWork, unreadableState } from "./refusals";
export { removeThings } from "./remove";
