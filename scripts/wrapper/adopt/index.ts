export { adopt, type Adopted } from "./adopt";
export { type EngineLook, halfMadeOf, lookAtEngines } from "./look";
export { losses } from "./losses";
export { EnginesRefuse, heldState, listed, unreadableState } from "./refusals";
export { removeThings } from "./remove";
