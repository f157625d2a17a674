export { duplicatiJob } from "./job";
export { upload } from "./upload";
