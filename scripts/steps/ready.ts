import { connect } from "../engine/connect";
import { untilReady } from "../engine/untilReady";

/** `ready.ts <container>`: waits for a container on the engine LATERBASE_ENGINE, and shows how far it has come. */
async function main(): Promise<void> {
  const [name] = process.argv.slice(2);
  if (!name) throw new Error("usage: ready.ts <container>");
  const container = connect({ host: process.env["LATERBASE_ENGINE"] || undefined }).getContainer(
    name,
  );
  await untilReady(container, (turn) => console.log(`${name}: ${turn}`)).catch((error: Error) => {
    throw new Error(`${name}: ${error.message}`);
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
