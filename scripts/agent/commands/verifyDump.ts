import type { AgentCommand } from "./command";

/** `verify-dump`: reads a dump's files against their checksums. */
export const verifyDump: AgentCommand = {
  name: "verify-dump",
  options: { dump: { type: "string" } },
  readsInput: true,
  inWorker: async (...call) => (await import("../restore/verify.js")).verifyDump(...call),
};
