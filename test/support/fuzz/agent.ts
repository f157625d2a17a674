import { dirname } from "node:path";
import { Agent } from "../../../scripts/agent/server/agent";
import { listen } from "../../../scripts/agent/server/httpServer";
import type { Context } from "../../../scripts/agent/kit/context";

// The agent's socket, with commands that do nothing.
const run = dirname(process.argv[2]!);
const paths = { backups: run, records: run, etc: run, run };
const context = { config: {}, paths, log: () => undefined } as unknown as Context;
void listen(new Agent(context, () => Promise.resolve({})), new AbortController().signal);
