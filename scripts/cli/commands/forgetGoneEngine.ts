import { connect } from "../../engine/connect";
import { isUnreachable, noAnswer } from "../../engine/unreachable";
import { unlessAborted } from "../../engine/unlessAborted";
import { visible } from "../../../contract/visible";
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
 * @param stackHost the address of the stack's own engine. The default engine is the empty string
 * @throws CliError for another part, for the stack's own engine, and for an engine that answers
 */
export async function silentEngineOf(
  { kind, name }: Part,
  state: ExportedState,
  stackHost: string,
): Promise<SilentEngine> {
  if (kind !== "standby")
    throw new CliError(
      `--engine-gone takes out a standby, such as 'forget standby_2 --engine-gone', and ${name} is none.`,
      2,
    );
  const engine = engineOf(name, state, stackHost);
  if (engine === "nothing in the state")
    throw new CliError(
      `The state has nothing of ${name} on an engine: run the command without --engine-gone. Nothing was changed.`,
      4,
    );
  if (engine === "the stack's own engine")
    throw new CliError(
      `${name} is on the stack's own engine: docs/tasks/move-to-another-host.md shows how a stack moves. Nothing was changed.`,
      4,
    );
  const { why, isOurs } = await silence(engine.host);
  const host = visible(engine.host);
  if (why === undefined)
    throw new CliError(
      `The engine ${host} answers: run the command without --engine-gone, so that 'up' removes what is there. Nothing was changed.`,
      4,
    );
  if (isOurs)
    throw new CliError(
      `Nobody knows whether the engine ${host} is gone, because this machine cannot ask it: ${why}. Nothing was changed.`,
      4,
    );
  return { ...engine, why };
}

/** ssh gives up after 30 s. */
const patienceMs = 35_000;

/** Faults of this machine, which say nothing about the engine: no right to a socket, no ssh, no name server. */
const oursCodes = ["ENOENT", "EACCES", "EPERM", "EAI_AGAIN"];

/** Why an engine does not answer, and whether that is a fault of this machine. No reason: it does, also where it refuses. */
async function silence(host: string): Promise<{ why?: string; isOurs?: boolean }> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    await unlessAborted(connect({ host }).ping() as Promise<unknown>, patience);
    return {};
  } catch (error) {
    if (patience.aborted) return { why: `it said nothing for ${patienceMs / 1000} s` };
    if (!isUnreachable(error)) return {};
    const { code = "" } = error as { code?: string };
    return { why: visible(noAnswer(error as Error)), isOurs: oursCodes.includes(code) };
  }
}
