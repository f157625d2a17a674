import type { AgentCommand } from "./command";

/** `record-restore`: notes how long a restore took. Plans estimate by it. */
export const recordRestore: AgentCommand = {
  name: "record-restore",
  options: {},
  readsInput: true,
  inServer: async ({ context }, args) => {
    const { noteRestore } = await import("../pgBackRest/restore/record.js");
    return noteRestore(context, args);
  },
};
