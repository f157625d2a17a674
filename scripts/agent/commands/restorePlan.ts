import type { AgentCommand } from "./command";

/** `restore-plan`: how a restore would go to a target, or why it cannot. It only reads. */
export const restorePlan: AgentCommand = {
  name: "restore-plan",
  options: {
    set: { type: "string" },
    "to-time": { type: "string" },
    "to-xid": { type: "string" },
    "to-lsn": { type: "string" },
    "to-name": { type: "string" },
    immediate: { type: "boolean" },
    timeline: { type: "string" },
    "in-place": { type: "boolean" },
    repo: { type: "string" },
  },
  inWorker: async (...call) =>
    (await import("../pgBackRest/restore/run.js")).restorePlanRun(...call),
};
