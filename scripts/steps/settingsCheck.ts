import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import type { SettingsCheckInput } from "../../contract/serverSettings";
import { settingsRefused } from "../primary/readSettings";
import { runProgram } from "./runProgram";

/**
 * `settingsCheck.ts <the primary's container>`: asks PostgreSQL in the image that the servers get whether it takes
 * their settings, before one of them is stopped. The looks ask an image that is there already; this one may have been built just now.
 * Standard input is {@link SettingsCheckInput} as JSON.
 */
async function main(): Promise<void> {
  const { image, major, settings } = JSON.parse(await text(process.stdin)) as SettingsCheckInput;
  const host = process.env["LATERBASE_ENGINE"] ?? "";
  const refused = await settingsRefused({ host, image, major, settings, hasLibraries: true });
  if (refused.length > 0) throw new Error(refused.map((sentence) => `${sentence}.`).join("\n"));
  console.log("PostgreSQL takes the settings.");
}

void runProgram("settingsCheck.ts <the primary's container>", main);
