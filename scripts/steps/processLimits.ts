import "../patches/stubbedDockerode";
import type Docker from "dockerode";
import { runProgram, type Target } from "./runProgram";

/**
 * `processLimits.ts <container>=<limit>…`: limits the processes and threads of running containers on
 * the engine LATERBASE_ENGINE. The engine keeps a limit through restarts.
 */
async function main({ engine }: Target): Promise<void> {
  await Promise.all(process.argv.slice(2).map((word) => limit(engine, word)));
}

async function limit(engine: Docker, word: string): Promise<void> {
  const [name = "", processes] = word.split("=");
  const container = engine.getContainer(name);
  await container.update({ PidsLimit: Number(processes) });
  const { HostConfig } = await container.inspect();
  if (HostConfig.PidsLimit !== Number(processes)) {
    // Without the kernel's support the engine only warns. Nothing else is lost.
    console.log(`${name}: this engine cannot limit processes`);
  }
}

void runProgram("processLimits.ts <container>=<limit>…", main, "Processes cannot be limited: ");
