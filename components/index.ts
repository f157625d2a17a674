export { type Config, ConfigError, configSchema, parseConfig, readRaw } from "./config";
export { Laterbase } from "./laterbase";
export { PreparedPrimary } from "./preparedPrimary";
export { Primary } from "./primary";
export { Standby } from "./standby";
