import { backupTypes } from "../../../contract/pgBackRest";
import { Failure } from "../kit/failure";
import type { AgentCommand } from "./command";

/** What every job of backups takes: who begins it, and the number of one repository. */
export const repositoryOptions = {
  trigger: { type: "string" },
  repo: { type: "string" },
} as const;

/** `backup`: a full, diff or incr backup into each repository, or one. One job at a time. */
export const backup: AgentCommand = {
  name: "backup",
  options: { ...repositoryOptions, type: { type: "string" } },
  outlivesCaller: true,
  inServer: async (agent, args, ...rest) => {
    const type = backupTypes.find((one) => one === (args["type"] ?? "incr"));
    if (!type) throw new Failure(`A backup's type is one of ${backupTypes.join(", ")}.`);
    return agent.backups.run(type, args, ...rest);
  },
  // The other jobs of backups run by it too.
  inWorker: async (...call) => (await import("../pgBackRest/run.js")).backupJobRun(...call),
};
