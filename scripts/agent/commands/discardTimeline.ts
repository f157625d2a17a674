import type { AgentCommand } from "./command";

/** `discard-timeline`: takes a timeline out of the repositories that an undone restore had opened. */
export const discardTimeline: AgentCommand = {
  name: "discard-timeline",
  options: { timeline: { type: "string" } },
  outlivesCaller: true,
  inWorker: async (...call) =>
    (await import("../pgBackRest/discardTimeline.js")).discardTimelineRun(...call),
};
