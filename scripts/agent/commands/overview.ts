import type { AgentCommand } from "./command";

/** `overview`: the jobs with their last and next runs, the newest dumps and backups, what runs now, and the room. */
export const overview: AgentCommand = {
  name: "overview",
  options: {},
  inServer: async (agent) => (await import("../overview/overview.js")).overview(agent),
};
