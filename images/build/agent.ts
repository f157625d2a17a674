import type { GeneratedImage } from "./context";
import { nodeImage, type Program } from "./nodeImage";
import { extensionsWord, postgresImage } from "./postgres";

export const agentProgram: Program = {
  name: "agent",
  entry: "scripts/agent/main.ts",
  sources: ["scripts/agent", "contract"],
  folder: "images/agent",
};

/** The agent's image of a major: on PostgreSQL's own, whose tools it runs, and whose server a drill starts. */
export function agentImage(major: number, extensions: readonly string[] = []): GeneratedImage {
  const base = { BASE: postgresImage(major, extensions).tag };
  return {
    ...nodeImage(agentProgram, String(major), base),
    name: `agent-${major}${extensionsWord(extensions)}`,
  };
}
