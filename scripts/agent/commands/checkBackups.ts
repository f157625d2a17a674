import type { AgentCommand } from "./command";
import { repositoryOptions } from "./backup";

/** `check-backups`: looks whether WAL arrives in each repository, and whether any is missing. */
export const checkBackups: AgentCommand = {
  name: "check-backups",
  options: repositoryOptions,
  outlivesCaller: true,
  inServer: (agent, ...call) => agent.backups.run("check", ...call),
};
