import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import type { PgBackRestInput } from "../../contract/pgBackRestStep";
import { stepWarning } from "../../contract/stepWarning";
import { LocalPrimary } from "../primary/localPrimary";
import { archiveFile, placeOf, trialPlace, writeFiles } from "../primary/pgBackRest/files";
import { takeOverFolders } from "../primary/pgBackRest/folders";
import { comparedWithPlan, forgetPlan } from "./backups/restoredPrimary";
import { applySettings, serverId } from "./backups/settings";
import { ensureStanza } from "./backups/stanza";
import { runProgram, type Target } from "./runProgram";

/**
 * `pgBackRest.ts <the primary's container>`: tries pgBackRest's configuration, makes the stanza where a repository
 * lacks it, and only then writes the configuration and has the primary archive by it, with a reload. A configuration
 * that is refused changes nothing. Standard input is {@link PgBackRestInput} as
 * JSON. It holds secrets, so nothing else carries them.
 *
 * A primary that was lost and restored is compared with the plan of its restore here, because backups go on from it.
 */
async function main({ engine, name }: Target): Promise<void> {
  const input = JSON.parse(await text(process.stdin)) as PgBackRestInput;
  const { files, settings, stanza } = input;
  const place = placeOf(input, process.env["LATERBASE_ENGINE"] ?? "");
  const primary = new LocalPrimary(engine, name);
  // First, because the rest of this step may be refused.
  const compared = await comparedWithPlan(primary);
  if (compared !== undefined) console.log(compared);
  let made: number[] = [];
  let away: string[] = [];
  if (stanza) {
    await takeOverFolders(engine, input);
    const trial = { place: trialPlace(place), files, stanza };
    ({ made, away } = await ensureStanza(trial, await serverId(primary)));
  }
  await writeFiles(place, [...files, archiveFile(settings)], stanza !== undefined);
  await applySettings(primary, settings);
  if (compared !== undefined) await forgetPlan(primary);
  for (const one of away) console.log(`${stepWarning}${one}`);
  if (!stanza) console.log("Archiving is off: no repository is configured.");
  else if (made.length === 0) console.log(`The stanza "${stanza.name}" is in every repository.`);
  else console.log(`The stanza "${stanza.name}" is made in repository ${made.join(", ")}.`);
}

void runProgram("pgBackRest.ts <the primary's container>", main);
