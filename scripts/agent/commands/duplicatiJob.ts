import type { AgentCommand } from "./command";

/** `duplicati-job`: creates or changes the upload's job in Duplicati. */
export const duplicatiJob: AgentCommand = {
  name: "duplicati-job",
  options: {},
  readsInput: true,
  inWorker: async (...call) => (await import("../duplicati/job.js")).duplicatiJob(...call),
};
