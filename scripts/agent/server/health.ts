import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { agentPaths } from "../../../contract/agentPaths";
import { statusFiles } from "../kit/statusFiles";

const maxSilenceMs = 60_000;

/**
 * `health`: prints the agent's status as the image's own health check does, which needs no Node.
 * Returns the exit code.
 */
export function printHealth(run = agentPaths.run): number {
  const alive = join(run, statusFiles.alive);
  if (!existsSync(alive) || Date.now() - statSync(alive).mtimeMs > maxSilenceMs) {
    process.stdout.write('{"state":"unknown","detail":"the agent is silent","since":""}\n');
    return 1;
  }
  const line = readFileSync(join(run, statusFiles.status), "utf8");
  process.stdout.write(line);
  return (JSON.parse(line) as { state: string }).state === "running" ? 0 : 1;
}
