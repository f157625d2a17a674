import { leastMemory, leastOfStandby } from "../kit/serverMemory";
import { managedMaxConnections } from "../pgBouncer/sizes";
import { megabytes } from "../schema/primitives";
import type { Config } from "./configSchema";

/** `memory` of a server of the stack, where it is set. */
export interface SetMemory {
  /** The key that sets it. */
  key: string;
  /** The value, such as 4GB. */
  memory: string;
  /** The server's engine; empty is the local one. */
  host: string;
}

/** What the memory of servers is set to. */
export function setMemory({
  primary,
  standbys,
  dockerHost = "",
}: Pick<Config, "primary" | "standbys" | "dockerHost">): SetMemory[] {
  const own = "memory" in primary ? primary.memory : undefined;
  const all = [
    { key: "laterbase:primary.memory", memory: own, host: dockerHost },
    ...standbys.map((one, i) => ({
      key: `laterbase:standbys[${i}].memory`,
      memory: one.memory,
      host: one.dockerHost ?? dockerHost,
    })),
  ];
  return all.flatMap(({ memory, ...one }) => (memory === undefined ? [] : { ...one, memory }));
}

/**
 * The rules of the servers' memory: one sentence for each that is broken, without its full stop. A standby takes as
 * many connections as its primary, because it must.
 */
export function memoryRules(config: Config): string[] {
  const managed = config.primary.kind === "managed";
  const connections = managed ? managedMaxConnections(config) : 0;
  const least = managed ? leastMemory(connections) : leastOfStandby;
  const why = managed ? `so that ${connections} connections have room` : "so that a standby works";
  return setMemory(config)
    .filter(({ memory }) => megabytes(memory) < least)
    .map(({ key, memory }) => `${key} must be at least ${least}MB, ${why}; it is ${memory}`);
}
