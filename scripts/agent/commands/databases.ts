import type { AgentCommand } from "./command";

/** `databases`: the names of the databases to dump, once a server lets the role in. */
export const databases: AgentCommand = {
  name: "databases",
  options: {},
  internal: true,
  inWorker: async (_args, context, _say, signal) =>
    (await import("../dump/discovery.js")).reachDatabases(context, "laterbase agent", signal),
};
