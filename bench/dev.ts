import { root, timed } from "./command";

/** Runs `pulumi` on the stack dev, in the environment that scripts/npm/bench.sh got from set-up. */
export function pulumiOnDev(command: "preview" | "up", ...args: string[]): Promise<number> {
  const file = process.env.LATERBASE_DEV_CONFIG;
  if (!file) throw new Error("Run this through `npm run bench`, which makes the machine ready.");
  const stack = ["--stack", "dev", "--config-file", file, "--non-interactive"];
  return timed("pulumi", [command, ...stack, ...args], { cwd: root });
}

/** Brings dev up and makes sure that nothing is left to do, so that the next command is a no-op. */
export async function bringDevUpToDate(say: (line: string) => void): Promise<void> {
  say("npm start, so that there is nothing left to do");
  await timed("npm", ["start"], { cwd: root });
  await pulumiOnDev("preview", "--expect-no-changes");
}
