import { nodeImage } from "./nodeImage";
import { type ImageBuild, postgresImage } from "./postgres";

/** The agent's image of a major: on PostgreSQL's own, whose tools it runs. */
export function agentImage(major: number): ImageBuild {
  return nodeImage({
    name: `agent`,
    version: String(major),
    entry: "scripts/agent/main.ts",
    sources: ["scripts/agent", "contract"],
    folder: "images/agent",
    buildArgs: { BASE: postgresImage(major).tag },
  });
}
