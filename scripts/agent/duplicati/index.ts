export { duplicatiJob } from "./job";
export type { JobSpec } from "./jobSpec";
export { upload } from "./upload";
