export { type Finding, type Level, readReport, type Report } from "./findings";
export { hbaBlock, hbaMarkers, hbaRules } from "./hba";
export { dumpRoleName, dumpRoleSince, roleName } from "../../contract/names";
export { remains } from "./remains";
export { stepInput, type StepInput, stepScript } from "./script";
export type { SshTarget } from "./ssh";
export type { PrimarySettings, StepName, StepValues } from "./settings";
export { scramVerifier } from "../../contract/scramVerifier";
export type { CollationCheckInput, SuperuserLoginInput } from "./stepInputs";
