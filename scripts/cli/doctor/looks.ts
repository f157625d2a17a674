import { execa } from "execa";
import { resourcesOf } from "../stack/exportedState";
import type { StackState } from "../stack/stackState";

/** A sentence for each thing that would stop the next `up`, and for each that could not be looked at. */
export interface LookedNow {
  refused: string[];
  unseen: string[];
}

const patienceMs = 60_000;

/**
 * The looks that `up` makes before its first change, with what the last `up` gave them. They change nothing. Undefined:
 * the state is of a release that made none.
 */
export async function lookNow(
  known: StackState,
  signal?: AbortSignal,
): Promise<LookedNow | undefined> {
  const looks = resourcesOf(known.state).find(
    ({ type, urn }) => type === "command:local:Command" && urn.endsWith("::looks"),
  );
  if (!looks) return undefined;
  const [input, printed] = await Promise.all([
    known.open(looks.urn, "inputs", "stdin"),
    known.open(looks.urn, "outputs", "stdout"),
  ]);
  if (typeof input !== "string") return undefined;
  const { prefix } = JSON.parse(input) as { prefix: string };
  // A process of its own, as in an `up`. What is secret in it goes by standard input.
  const words = ["--require", "tsx/cjs", "scripts/steps/look.ts", prefix];
  const ran = await execa(process.execPath, words, {
    input,
    env: { PULUMI_COMMAND_STDOUT: typeof printed === "string" ? printed : "" },
    reject: false,
    timeout: patienceMs,
    ...(signal ? { signal } : {}),
  });
  if (ran.exitCode === 0) {
    return { refused: [], unseen: (JSON.parse(ran.stdout) as { unseen: string[] }).unseen };
  }
  if (ran.exitCode === 1) return { refused: ran.stderr.split("\n").filter(Boolean), unseen: [] };
  return {
    refused: [],
    unseen: ["The looks of 'up' did not end, so nothing is known of ports, names and room."],
  };
}
