import type { AgentCommand } from "./command";

/** `dump`: dumps every database, or the named ones. One run at a time. */
export const dump: AgentCommand = {
  name: "dump",
  options: {
    trigger: { type: "string" },
    database: { type: "string", multiple: true },
    "accept-smaller": { type: "boolean" },
    wait: { type: "boolean" },
  },
  outlivesCaller: true,
  inServer: (agent, ...call) => agent.dumps.run(...call),
  inWorker: async (...call) => (await import("../dump/run.js")).dumpRun(...call),
};
