import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeByRename } from "../../kit/files";
import type { DeliveriesState } from "../kit/deliveries";
import type { PingerState } from "../pings/pinger";
import type { Told } from "./changes";
import type { Message } from "./message";

/** What messages and pings keep over a restart. It holds no address and no login. */
export interface KeptState {
  version: 1;
  told: Told;
  /** What waits for each target, by what the target is called. */
  targets: Record<string, DeliveriesState<Message>>;
  pings?: PingerState;
}

const fileIn = (folder: string) => join(folder, "messages.json");

/** What the last run kept. Undefined: there was none, or its file cannot be read. */
export function readState(folder: string): KeptState | undefined {
  try {
    const kept = JSON.parse(readFileSync(fileIn(folder), "utf8")) as Partial<KeptState> | null;
    return kept?.version === 1 && kept.told && kept.targets ? (kept as KeptState) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the state on the disk. A reader sees the old one or the new one. */
export async function writeState(folder: string, state: KeptState): Promise<void> {
  await writeByRename(fileIn(folder), JSON.stringify(state), 0o600);
}
