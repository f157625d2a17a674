import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import { applyFiles, type PoolerFiles } from "../pooler";
import { runProgram, type Target } from "./runProgram";

/**
 * `poolerConfiguration.ts <the pooler's container>`: puts files into force in the pooler on the engine
 * LATERBASE_ENGINE. Standard input is JSON: contents by name. They hold secrets, so nothing else carries them.
 */
async function main({ engine, name }: Target): Promise<void> {
  const files = JSON.parse(await text(process.stdin)) as PoolerFiles;
  const changed = await applyFiles(engine, name, files);
  console.log(`${name}: ${changed ? "the new configuration is in force" : "nothing to change"}`);
}

void runProgram("poolerConfiguration.ts <the pooler's container>", main);
