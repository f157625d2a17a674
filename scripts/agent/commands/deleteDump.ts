import type { AgentCommand } from "./command";

/** `delete-dump`: deletes one dump by its id. With --force also the newest good one of its database. */
export const deleteDump: AgentCommand = {
  name: "delete-dump",
  options: { dump: { type: "string" }, force: { type: "boolean" } },
  readsInput: true,
  inServer: async ({ context }, args) =>
    (await import("../dump/deleteDump.js")).deleteDump(context, args),
};
