import type { AgentCommand } from "./command";
import { repositoryOptions } from "./backup";

/** `maintain-backups`: removes what retention does not keep, and old logs. */
export const maintainBackups: AgentCommand = {
  name: "maintain-backups",
  options: repositoryOptions,
  outlivesCaller: true,
  inServer: (agent, ...call) => agent.backups.run("maintenance", ...call),
};
