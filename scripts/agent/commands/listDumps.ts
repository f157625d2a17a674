import type { AgentCommand } from "./command";

/** `list-dumps`: the finished dumps, the newest first. */
export const listDumps: AgentCommand = {
  name: "list-dumps",
  options: { database: { type: "string" } },
  inServer: async ({ context }, { database }, say) => {
    const { listDumps } = await import("../dump/finished.js");
    const { sayLeftOut } = await import("../dump/leftOut.js");
    const one = typeof database === "string" ? database : undefined;
    if (one === undefined) await sayLeftOut(context, say);
    return listDumps(context, one, say);
  },
};
