import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { CommandLine } from "./commandLine";
import { stackFileOf } from "./passphrase";

const checkout = resolve(__dirname, "../..");
/** What the stack's outputs are made of. */
const places = ["index.ts", "components", "contract", "package-lock.json"];

/** Whether the last `up` ran the program as it is now. */
export interface Sources {
  areApplied(): boolean;
  /** Remembers the program of this `up`. */
  noteApplied(): void;
}

/**
 * The program's files, compared with those of the last `up`. A preview cannot tell whether another version
 * gives other secret outputs, because all secrets look the same in it: then `up` runs in any case.
 */
export function sourcesOf({ stack, flags }: Pick<CommandLine, "stack" | "flags">): Sources {
  const data = process.env["XDG_DATA_HOME"] || join(homedir(), ".local/share");
  const backend = createHash("sha256").update(process.env["PULUMI_BACKEND_URL"] ?? "");
  const name = `${stack.replaceAll("/", "_")}-${backend.digest("hex").slice(0, 8)}`;
  const note = join(data, "laterbase/applied", name);
  const now = fingerprint([
    ...places.map((place) => join(checkout, place)),
    stackFileOf({ stack, flags }),
  ]);
  return {
    areApplied: () => read(note)?.toString("utf8") === now,
    noteApplied: () => {
      mkdirSync(dirname(note), { recursive: true, mode: 0o700 });
      writeFileSync(`${note}.new`, now);
      renameSync(`${note}.new`, note);
    },
  };
}

function fingerprint(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files.flatMap(under).sort())
    hash
      .update(file)
      .update("\0")
      .update(read(file) ?? "")
      .update("\0");
  return hash.digest("hex");
}

function under(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      under(join(path, entry.name)),
    );
  } catch (error) {
    // A file, or nothing.
    if (["ENOTDIR", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) return [path];
    throw error;
  }
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
