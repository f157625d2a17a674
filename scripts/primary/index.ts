export { drift, type Expected, type Observation } from "./drift";
export { remains } from "./remains";
export { stepScript } from "./script";
export {
  hbaBlock,
  hbaMarkers,
  type PrimarySettings,
  roleName,
  type StepName,
  type StepValues,
} from "./settings";
export { scramVerifier } from "./verifier";
