export { applyFiles, type PoolerFiles } from "./apply";
export { pauseClients, type PauseOptions, resumeClients } from "./pause";
export { poolsScript, readPools } from "./pools";
