import type * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";
import { localProgram } from "./localProgram";

/**
 * Limits the processes of every container on these engines, by one step for each engine. A ulimit
 * would count all processes of a user on the whole machine. The engine keeps a limit for as long as
 * the container exists, so a new container runs the step again.
 */
export function limitProcesses(engines: readonly Engine[], parent: pulumi.Resource): void {
  for (const engine of engines) {
    if (engine.limits.length === 0) continue;
    const words = engine.limits.map(({ name, processes }) => `${name}=${processes}`);
    const triggers = engine.limits.map(({ container }) => container.id);
    const place = { program: "processLimits", words, engine, triggers };
    localProgram(`${engine.name}-process-limits`, place, { parent });
  }
}
