import { join } from "node:path";
import type { AgentPaths } from "../../../contract/agentPaths";

/** The socket that the agent listens on. */
export const socketPath = ({ run }: Pick<AgentPaths, "run">) => join(run, "agent.sock");
