import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import type { ServerSettingsInput } from "../../contract/serverSettings";
import { stepWarning } from "../../contract/stepWarning";
import { LocalPrimary } from "../primary/localPrimary";
import { applyServerSettings } from "../primary/serverSettings";
import { settingsOfStopped } from "../primary/settingsOfStopped";
import { runProgram, type Target } from "./runProgram";

/**
 * `serverSettings.ts <a server's container>`: writes the settings that a reload puts in force beside the server's data
 * and has it read them. A server that does not run gets them first: the old ones may be why. Standard input is
 * {@link ServerSettingsInput} as JSON.
 */
async function main({ engine, name }: Target): Promise<void> {
  const input = JSON.parse(await text(process.stdin)) as ServerSettingsInput;
  const server = new LocalPrimary(engine, name, input.kind);
  // A standby starts again by itself when it replays a higher value of the primary's.
  let given = false;
  const notes = await server.whenThere(async () => {
    given ||= await settingsOfStopped(engine, name, input);
    return applyServerSettings(server, input);
  });
  for (const note of notes) console.log(`${stepWarning}${note}.`);
  console.log("The settings are in force.");
}

void runProgram(
  "serverSettings.ts <a server's container>",
  main,
  "The settings cannot be applied: ",
);
