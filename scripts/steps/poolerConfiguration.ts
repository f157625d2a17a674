import { text } from "node:stream/consumers";
import { connect } from "../engine/connect";
import { applyFiles, type PoolerFiles } from "../pooler";

/**
 * `poolerConfiguration.ts <the pooler's container>`: puts files into force in the pooler on the engine
 * LATERBASE_ENGINE. Standard input is JSON: contents by name. They hold secrets, so nothing else carries them.
 */
async function main(): Promise<void> {
  const [name] = process.argv.slice(2);
  if (!name) throw new Error("usage: poolerConfiguration.ts <the pooler's container>");
  const files = JSON.parse(await text(process.stdin)) as PoolerFiles;
  const host = process.env["LATERBASE_ENGINE"];
  const changed = await applyFiles(connect(host ? { host } : {}), name, files);
  console.log(`${name}: ${changed ? "the new configuration is in force" : "nothing to change"}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
