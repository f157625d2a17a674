import type { AgentCommand } from "./command";

/** `restore-point --name <name>`: makes a restore point, and waits until each repository has its WAL. */
export const restorePoint: AgentCommand = {
  name: "restore-point",
  options: { name: { type: "string" } },
  inServer: async ({ context }, args, say, signal) => {
    const { makeRestorePoint } = await import("../pgBackRest/restorePoint.js");
    return makeRestorePoint(context, args["name"], say, signal);
  },
};
