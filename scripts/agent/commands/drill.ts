import { repositoryOptions } from "./backup";
import type { AgentCommand } from "./command";

/** `drill`: restores the newest backup of each repository, or of one, and proves that it is whole. */
export const drill: AgentCommand = {
  name: "drill",
  options: repositoryOptions,
  inServer: (agent, ...call) => agent.backups.run("drill", ...call),
  inWorker: async (...call) => (await import("../pgBackRest/drill/run.js")).drillRun(...call),
};
