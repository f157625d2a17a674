import type { AgentCommand } from "./command";
import { repositoryOptions } from "./backup";

/** `verify-backups`: reads everything in each repository against its checksums. */
export const verifyBackups: AgentCommand = {
  name: "verify-backups",
  options: repositoryOptions,
  outlivesCaller: true,
  inServer: (agent, ...call) => agent.backups.run("verify", ...call),
};
