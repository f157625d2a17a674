export { type Config, ConfigError, configSchema, namedFile, parseConfig, readRaw } from "./config";
export { readInitScripts } from "./initScripts";
export { Laterbase } from "./laterbase";
export { absences } from "./pgBackRest/absences";
export { plainSecrets } from "./stack/plainSecrets";
export { PreparedPrimary } from "./preparedPrimary/preparedPrimary";
export { Primary } from "./primary/primary";
export { Standby } from "./standby/standby";
