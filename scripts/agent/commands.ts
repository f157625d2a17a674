import { dump } from "./dump";
import { listDumps } from "./dumps";
import { duplicatiJob, upload } from "./duplicati";
import { restoreDump, verifyDump } from "./restore";
import type { Served } from "./socketServer";

/** Everything that the agent can be asked for. */
export const commands = {
  dump: { command: dump, outlives: true },
  upload: { command: upload, outlives: true },
  "list-dumps": { command: listDumps },
  "restore-dump": { command: restoreDump },
  "verify-dump": { command: verifyDump },
  "duplicati-job": { command: duplicatiJob },
} as const satisfies Record<string, Served>;

/** Commands that are also told something on standard input, because it is a secret. */
export const readsInput = new Set(["restore-dump", "verify-dump", "duplicati-job"]);
