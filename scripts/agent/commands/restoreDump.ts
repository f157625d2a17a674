import type { AgentCommand } from "./command";

/** `restore-dump`: restores a dump under a new name or, with --in-place, under an existing one. */
export const restoreDump: AgentCommand = {
  name: "restore-dump",
  options: {
    dump: { type: "string" },
    as: { type: "string" },
    "in-place": { type: "boolean" },
    "create-roles": { type: "boolean" },
    "keep-different": { type: "boolean" },
    strict: { type: "boolean" },
    "accept-missing": { type: "boolean" },
    "name-first": { type: "boolean" },
    "accept-unknown": { type: "boolean" },
    "newer-major": { type: "boolean" },
  },
  readsInput: true,
  inWorker: async (...call) => (await import("../restore/restore.js")).restoreDump(...call),
};
