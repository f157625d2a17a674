import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import type { EmptyPrimaryInput } from "../../contract/emptyPrimaryStep";
import { backupsOfNoPrimary } from "./backups/emptyPrimary";
import { runProgram, type Target } from "./runProgram";

/**
 * `emptyPrimary.ts <the primary's container>`: before a primary starts that has no data, looks for backups in its
 * repositories. An empty primary beside them would be another server, and nobody would notice that the rows are gone.
 * It changes nothing. Standard input is {@link EmptyPrimaryInput} as JSON. It holds secrets, so nothing else carries
 * them.
 */
async function main({ engine }: Target): Promise<void> {
  const input = JSON.parse(await text(process.stdin)) as EmptyPrimaryInput;
  const refused = await backupsOfNoPrimary(engine, input, process.env["LATERBASE_ENGINE"] ?? "");
  if (refused.length > 0) throw new Error(refused.join("\n"));
}

void runProgram("emptyPrimary.ts <the primary's container>", main);
