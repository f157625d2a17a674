import { spawn } from "node:child_process";
import { NeedsSetUp } from "./stack/pulumi";

/**
 * The exit code of a command. One that was started without set-up, and then needs the Pulumi CLI, has done nothing yet:
 * it is started again, and set-up first finds the CLI or builds it.
 */
export async function withSetUp(ran: Promise<number>, args: readonly string[]): Promise<number> {
  try {
    return await ran;
  } catch (error) {
    if (!(error instanceof NeedsSetUp)) throw error;
  }
  const env = { ...process.env, LATERBASE_SET_UP: "yes" };
  const again = spawn("scripts/npm/laterbase.sh", args, { env, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    again.once("error", reject);
    // Ctrl-C reaches both, and the command itself says what it has left.
    again.once("exit", (code) => resolve(code ?? 1));
  });
}
