export { drift, type Expected } from "./observe/drift";
export { type Finding, type Level, readReport, type Report } from "./findings";
export { hbaBlock, hbaMarkers, hbaRules } from "./hba";
export { dumpRoleName, dumpRoleSince, roleName } from "../../contract/names";
export { remains } from "./remains";
export { stepScript } from "./script";
export type { Observation } from "./observe/observation";
export type { PrimarySettings, StepName, StepValues } from "./settings";
export { scramVerifier } from "./verifier";
