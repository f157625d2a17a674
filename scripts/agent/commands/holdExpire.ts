import type { AgentCommand } from "./command";

/** `hold-expire`: removes no backup and no WAL for a while, because a restore reads them. */
export const holdExpire: AgentCommand = {
  name: "hold-expire",
  options: {},
  readsInput: true,
  inServer: async ({ context }, args) => {
    const { noteHold } = await import("../pgBackRest/holds.js");
    return noteHold(context, args);
  },
};
