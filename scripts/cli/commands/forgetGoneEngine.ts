import { connect } from "../../engine/connect";
import { isUnreachable, noAnswer } from "../../engine/unreachable";
import { unlessAborted } from "../../engine/unlessAborted";
import type { ExportedState } from "../stack/exportedState";
import { engineOf, type StandbyEngine } from "../stack/goneEngine";
import type { Part } from "../stack/parts";
import { CliError } from "../terminal/cliError";

/** A standby's engine that does not answer. */
export interface SilentEngine extends StandbyEngine {
  /** Why, as the end of a sentence. */
  why: string;
}

/**
 * The engine of a standby, which does not answer.
 *
 * @throws CliError for another part, for the stack's own engine, and for an engine that answers
 */
export async function silentEngineOf(
  { kind, name }: Part,
  state: ExportedState,
): Promise<SilentEngine> {
  if (kind !== "standby")
    throw new CliError(
      `--engine-gone takes out a standby, such as 'forget standby_2 --engine-gone', and ${name} is none.`,
      2,
    );
  const engine = engineOf(name, state);
  if (engine === "nothing in the state")
    throw new CliError(
      `The state has nothing of ${name} on an engine: run the command without --engine-gone. Nothing was changed.`,
      4,
    );
  if (engine === "the stack's own engine")
    throw new CliError(
      `${name} is on the stack's own engine, with other parts: docs/tasks/move-to-another-host.md shows how a stack moves. Nothing was changed.`,
      4,
    );
  const why = await silence(engine.host);
  if (why === undefined)
    throw new CliError(
      `The engine ${engine.host} answers: run the command without --engine-gone, so that 'up' removes what is there. Nothing was changed.`,
      4,
    );
  return { ...engine, why };
}

const patienceMs = 10_000;

/** Why an engine does not answer. Undefined: it does, also where it refuses. */
async function silence(host: string): Promise<string | undefined> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    await unlessAborted(connect({ host }).ping() as Promise<unknown>, patience);
    return undefined;
  } catch (error) {
    if (patience.aborted) return `it said nothing for ${patienceMs / 1000} s`;
    return isUnreachable(error) ? noAnswer(error as Error) : undefined;
  }
}
