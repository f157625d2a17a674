import type { Provider } from "../protocol/provider";
import { pluginVersion } from "../protocol/version";
import { randomId } from "./id";
import { randomPassword } from "./password";

/** The embedded replacement of pulumi-resource-random 4.21.1: its passwords and identifiers. */
export const randomProvider: Provider = {
  name: "random",
  version: pluginVersion,
  resources: {
    "random:index/randomId:RandomId": randomId,
    "random:index/randomPassword:RandomPassword": randomPassword,
  },
};
