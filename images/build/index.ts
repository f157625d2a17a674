export { baseImage, majors, postgresImage, suiteOf } from "./postgres";
export type { ImageBuild, Suite } from "./postgres";
