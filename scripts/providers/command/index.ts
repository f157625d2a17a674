import type { Provider } from "../protocol/provider";
import { pluginVersion } from "../protocol/version";
import { localCommand } from "./local";
import { remoteCommand } from "./remote";

/** The embedded replacement of pulumi-resource-command 1.2.1: its two Command resources. */
export const commandProvider: Provider = {
  name: "command",
  version: pluginVersion,
  resources: {
    "command:local:Command": localCommand,
    "command:remote:Command": remoteCommand,
  },
};
