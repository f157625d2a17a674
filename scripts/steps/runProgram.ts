import type Docker from "dockerode";
import { visibleLines } from "../../contract/visible";
import { connect } from "../engine/connect";

/** What a program works on: the container that its argument names, on the engine LATERBASE_ENGINE. */
export interface Target {
  engine: Docker;
  name: string;
}

/**
 * Runs a program of this folder, which has one argument. What it throws becomes one sentence and exit
 * code 1; `failed` is the start of that sentence.
 */
export async function runProgram(
  usage: string,
  work: (target: Target) => Promise<void>,
  failed = "",
): Promise<void> {
  try {
    const [name] = process.argv.slice(2);
    if (!name) throw new Error(`usage: ${usage}`);
    await work({ engine: connect({ host: process.env["LATERBASE_ENGINE"] }), name });
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    console.error(visibleLines(`${failed}${sentence}`));
    process.exitCode = 1;
  }
}
