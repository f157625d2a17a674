import { noteUpload } from "./lastAttempts";
import type { Command } from "../kit/context";
import { dump } from "./dumpJob";
import { listDumps } from "../dump/finished";
import type { Served } from "./socketServer";
import { worker } from "./worker";

const uploadJob = worker("upload");

const upload: Command = (...call) => {
  noteUpload();
  return uploadJob(...call);
};

/** Everything that the agent can be asked for. */
export const commands = {
  dump: { command: dump, outlives: true },
  upload: { command: upload, outlives: true },
  "list-dumps": { command: listDumps },
  "restore-dump": { command: worker("restore-dump") },
  "verify-dump": { command: worker("verify-dump") },
  "duplicati-job": { command: worker("duplicati-job") },
} as const satisfies Record<string, Served>;

/** Commands that are also told something on standard input, because it is a secret. */
export const readsInput = new Set(["restore-dump", "verify-dump", "duplicati-job"]);
