import { resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { serviceVolumes } from "../../contract/names";
import type { StackContext } from "../kit/context";
import { keptVolume } from "../kit/volume";

/** Where dumps are: a volume, or a folder of the engine's machine. Agent and Duplicati mount it. */
export type Backups = { volumeName: pulumi.Input<string> } | { hostPath: string };

interface BackupsArgs {
  /** The stack, with the agent's engine. */
  stack: StackContext;
  /** The folder. Default: a volume. A change leaves the old dumps where they are. */
  path: string | undefined;
  /** Where a relative path begins: the project's folder. */
  folder: string;
}

/**
 * The place of the dumps, which outlives the stack. The volume is made even where a folder is
 * configured: otherwise the change to a folder would delete a protected volume, and fail.
 */
export function backupsOf({ stack, path, folder }: BackupsArgs, parent: pulumi.Resource): Backups {
  const { backups } = serviceVolumes(stack.prefix);
  const volume = keptVolume("backups", { volume: backups, role: "agent", stack }, parent);
  return path ? { hostPath: backupsFolder(folder, path) } : { volumeName: volume.name };
}

/** `laterbase:dumps.path` as an absolute path; a relative one begins at the project's folder. */
export function backupsFolder(folder: string, path: string): string {
  return resolve(folder, path);
}
