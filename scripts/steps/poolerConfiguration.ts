import { text } from "node:stream/consumers";
import { connect } from "../engine/connect";
import { deliver, type PoolerFiles } from "../pooler";

/**
 * `poolerConfiguration.ts <the pooler's container>`: brings the files on standard input, JSON by name,
 * into force on the engine LATERBASE_ENGINE. They hold secrets, so they go by standard input all the way.
 */
async function main(): Promise<void> {
  const [name] = process.argv.slice(2);
  if (!name) throw new Error("usage: poolerConfiguration.ts <the pooler's container>");
  const files = JSON.parse(await text(process.stdin)) as PoolerFiles;
  const host = process.env["LATERBASE_ENGINE"];
  const changed = await deliver(connect(host ? { host } : {}), name, files);
  console.log(`${name}: ${changed ? "the new configuration is in force" : "nothing to change"}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
