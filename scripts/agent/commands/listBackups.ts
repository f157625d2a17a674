import type { AgentCommand } from "./command";

/** `list-backups`: the backups in each repository, the oldest first, and the newest WAL there. */
export const listBackups: AgentCommand = {
  name: "list-backups",
  options: { repo: { type: "string" } },
  inServer: async ({ context }, args, _say, signal) => {
    const { readArgs } = await import("../pgBackRest/queue.js");
    const { listBackups } = await import("../pgBackRest/list.js");
    const { repositories } = readArgs(context, "check", args);
    return listBackups(context, repositories?.[0], signal);
  },
};
