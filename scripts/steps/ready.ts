import "../patches/stubbedDockerode";
import { untilReady } from "../engine/untilReady";
import { runProgram, type Target } from "./runProgram";

/** `ready.ts <container>`: waits for a container on the engine LATERBASE_ENGINE, and shows how far it has come. */
async function main({ engine, name }: Target): Promise<void> {
  await untilReady(engine, name, (turn) => console.log(`${name}: ${turn}`)).catch(
    (error: Error) => {
      throw new Error(`${name}: ${error.message}`);
    },
  );
}

void runProgram("ready.ts <container>", main);
