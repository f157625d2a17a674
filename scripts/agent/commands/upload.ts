import type { AgentCommand } from "./command";

/** `upload`: uploads the finished dumps by Duplicati. */
export const upload: AgentCommand = {
  name: "upload",
  options: { trigger: { type: "string" } },
  outlivesCaller: true,
  inServer: (agent, ...call) => agent.upload(...call),
  inWorker: async (...call) => (await import("../duplicati/upload.js")).upload(...call),
};
