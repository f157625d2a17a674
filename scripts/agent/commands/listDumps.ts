import type { AgentCommand } from "./command";

/** `list-dumps`: the finished dumps, the newest first. */
export const listDumps: AgentCommand = {
  name: "list-dumps",
  options: { database: { type: "string" } },
  inServer: async ({ context }, { database }, say) => {
    const { listDumps } = await import("../dump/finished.js");
    return listDumps(context, typeof database === "string" ? database : undefined, say);
  },
};
