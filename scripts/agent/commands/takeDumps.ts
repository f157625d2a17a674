import type { AgentCommand } from "./command";

/** `take-dumps`: takes dumps that the operator's command brought from off site. */
export const takeDumps: AgentCommand = {
  name: "take-dumps",
  options: { token: { type: "string" } },
  readsInput: true,
  inWorker: async (...call) => (await import("../restore/takeDumps.js")).takeDumps(...call),
};
