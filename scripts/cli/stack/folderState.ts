import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { backendFolder } from "./backend";
import type { ExportedState } from "./exportedState";

/** A state as a backend in a folder has it. */
interface Checkpoint {
  checkpoint?: {
    latest?: ExportedState["deployment"] & {
      secrets_providers?: { type?: string; state?: { salt?: string } };
    };
  };
}

/** A state that was read without the Pulumi CLI. */
export interface FolderState {
  state: ExportedState;
  /** Of the passphrase that its secrets are encrypted with. */
  salt: string;
}

/**
 * A stack's state, where Pulumi keeps it in a folder of this machine and encrypts its secrets with a passphrase.
 * Undefined: it is elsewhere, or is not there, or cannot be used. The Pulumi CLI then knows more, and says what is wrong.
 */
export function folderState(stack: string, folder = backendFolder()): FolderState | undefined {
  if (folder === undefined) return undefined;
  // Packed and unpacked, as the environment said at the last write: the newer one counts.
  const [newest] = filesOf(stack, folder).sort((a, b) => time(b) - time(a));
  if (newest === undefined) return undefined;
  try {
    const bytes = readFileSync(newest);
    const text = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
    const { checkpoint } = JSON.parse(text.toString("utf8")) as Checkpoint;
    const { secrets_providers: secrets, ...deployment } = checkpoint?.latest ?? {};
    const salt = secrets?.state?.salt;
    if (secrets?.type !== "passphrase" || salt === undefined) return undefined;
    return { state: { deployment }, salt };
  } catch {
    return undefined;
  }
}

/** Whether the backend is a folder that has no such stack, also not in the layout of Pulumi's earlier releases. */
export function isNotThere(stack: string, folder = backendFolder()): boolean {
  if (folder === undefined || filesOf(stack, folder).length > 0) return false;
  const former = join(folder, ".pulumi/stacks", `${stack.split("/").at(-1)}.json`);
  return !exists(former) && !exists(`${former}.gz`);
}

function filesOf(stack: string, folder: string): string[] {
  const file = join(folder, ".pulumi/stacks", project(), `${stack.split("/").at(-1)}.json`);
  return [file, `${file}.gz`].filter(exists);
}

/** The project's name, which is in the paths of states and locks. */
export function project(): string {
  return /^name: *["']?([\w.-]+)/m.exec(readFileSync("Pulumi.yaml", "utf8"))?.[1] ?? "laterbase";
}

const exists = (file: string) => statSync(file, { throwIfNoEntry: false }) !== undefined;
const time = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
