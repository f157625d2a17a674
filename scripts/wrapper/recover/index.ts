export { type Recovered, recoverContainers, saveContainers } from "./recover";
export { type PlannedStep, replacedContainers } from "./replaced";
export type { SavedContainer } from "./saved";
