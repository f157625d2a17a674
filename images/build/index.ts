export { makeContexts } from "./context";
export type { ImageBuild } from "./context";
export { baseImage, majors, postgresImage, suiteOf } from "./postgres";
export type { Suite } from "./postgres";
