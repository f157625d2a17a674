import { execa } from "execa";
import {
  containerName,
  restoreContainers,
  restoredVolume,
  stackPrefix,
} from "../../contract/names";
import type { ExportedState } from "../cli/stack/exportedState";
import {
  type EngineLook,
  halfMadeOf,
  heldState,
  listed,
  lookAtEngines,
  removeThings,
  restoreAtWork,
  restoreOf,
  unreadableState,
} from "./adopt";
import type { FoundThing } from "./engines/found";
import type { Exported } from "./engines/recorded";
import { strandedAmong } from "./engines/stranded";
import { stackNotFound } from "./pulumiRun";
import {
  type PlannedStep,
  type Recovered,
  recoverContainers,
  replacedContainers,
  type SavedContainer,
  saveContainers,
} from "./recover";

interface GuardArgs {
  project: string;
  /** As Pulumi takes it: with or without an organization. */
  stack: string;
  /** The steps of the preview. Undefined without one: then every container is kept in mind. */
  steps: readonly PlannedStep[] | undefined;
  /** Whether the user asked to adopt what a lost state left. */
  adopt: boolean;
  /** Whether the run looks at the engines itself, and so makes what is missing there. */
  refreshes: boolean;
}

/**
 * Keeps a stack's containers through a run that may fail. It reads those that the run will take away, clears
 * what a killed run left, and makes again what a failed run lost.
 */
export class Guard {
  private saved: (SavedContainer & { urn: string })[] = [];
  private stranded: FoundThing[] = [];

  private constructor(
    readonly look: EngineLook,
    private readonly stack: string,
    private readonly wasKilled: boolean,
  ) {}

  /**
   * Looks, for a preview. Nothing is changed.
   *
   * @throws EnginesRefuse where a run must not go on
   */
  static check(args: GuardArgs): Promise<Guard> {
    return Guard.of(args, false);
  }

  private static async of({ stack, ...args }: GuardArgs, runs: boolean): Promise<Guard> {
    const state = await exportState(stack);
    const look = await lookAtEngines({ ...args, stack: plainName(stack), state, runs });
    return new Guard(look, stack, hasPending(state));
  }

  /**
   * Looks, and reads what the run will take away. Nothing is changed.
   *
   * @throws EnginesRefuse where the run must not go on
   */
  static async begin(args: GuardArgs): Promise<Guard> {
    const guard = await Guard.of(args, true);
    const { recorded, remove } = guard.look;
    const { steps, refreshes } = args;
    const containers = recorded.things.filter(({ kind }) => kind === "container");
    const going = steps ? replacedContainers(steps, recorded) : containers;
    // One that was never started is of no use.
    const leftovers = remove.filter(({ kind, started }) => kind === "container" && started);
    guard.saved = await saveContainers([
      ...going,
      ...leftovers.map((one) => ({ ...one, urn: "" })),
    ]);
    const started = new Set(steps?.filter(({ op }) => op === "update").map(({ urn }) => urn));
    if (refreshes)
      guard.stranded = await strandedAmong(containers.filter(({ urn }) => started.has(urn)));
    return guard;
  }

  /**
   * Makes the state forget what a killed run was doing. What another run is doing right now looks the same, and for a
   * backend that is no folder only Pulumi knows its lock. So this comes before anything is removed.
   *
   * @throws EnginesRefuse where another run is at work
   */
  async forget(): Promise<void> {
    if (this.wasKilled || this.look.remove.length > 0) await forgetPending(this.stack);
  }

  /** Removes containers and networks that a run left which was killed, or which failed. Volumes stay. */
  async clear(say: (sentence: string) => void): Promise<void> {
    await clear(this.look.remove, say);
    if (this.stranded.length > 0) {
      say(
        `The network of ${listed(this.stranded)} was removed, so Docker cannot start what was in it. It is made anew, on its data.`,
      );
      await removeThings(this.stranded);
    }
  }

  /**
   * After a run that failed: what ran before runs again.
   *
   * @param steps what the run did. A container that it deleted because nobody wants it any more stays away
   */
  recover(
    steps: readonly { op: string; urn: string }[],
    say: (sentence: string) => void,
  ): Promise<Recovered[]> {
    const unwanted = new Set(steps.filter(({ op }) => op === "delete").map(({ urn }) => urn));
    return recoverContainers(
      this.saved.filter(({ urn }) => !unwanted.has(urn)),
      say,
    );
  }
}

/** A stack's own name, which is in labels and names: `dev` of `organization/laterbase/dev`. */
export function plainName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}

/**
 * Before a destroy, which would leave what the state does not know.
 *
 * @throws EnginesRefuse where the state cannot be read, or another run or a restore of the primary is at work
 */
export async function clearBeforeDestroy(
  project: string,
  stack: string,
  say: (sentence: string) => void,
): Promise<void> {
  const state = await exportState(stack);
  const things = await halfMadeOf({ project, stack: plainName(stack), state });
  const prefix = stackPrefix(project, plainName(stack));
  const work = restoreOf(things, prefix);
  if (work) {
    const again = `npm run destroy${stack === "dev" ? "" : ` -- --stack ${stack}`}`;
    throw restoreAtWork(stack, work, again);
  }
  if (hasPending(state) || things.length > 0) await forgetPending(stack);
  const restores = restoreContainers(prefix);
  const isRestore = ({ name }: FoundThing) => restores.includes(name);
  // A restore in place has such a container, too, and no server.
  if (things.some(({ name }) => name === containerName(prefix, "restored"))) {
    const volume = restoredVolume(prefix);
    say(
      `The restored server goes with the stack. Its data stay in the volume ${volume}: 'docker volume rm ${volume}' removes them.`,
    );
  }
  await removeThings(things.filter(isRestore));
  const others = things.filter((thing) => !isRestore(thing));
  await clear(others, say);
}

/**
 * Makes the state forget what a killed run was doing: Pulumi would warn of it at each run, for good. What it was
 * making will be removed or is known, and every step of ours can be done again.
 *
 * @throws EnginesRefuse where the state cannot be read or changed
 */
async function forgetPending(stack: string): Promise<void> {
  // As it is now: a person may have thought about a question for long.
  const state = await exportState(stack);
  if (!hasPending(state)) return;
  // An import drops them. The secrets in it are encrypted.
  const words = ["stack", "import", "--stack", stack, "--non-interactive"];
  const input = JSON.stringify(state);
  const { exitCode, stderr } = await execa("pulumi", words, { input, reject: false });
  if (exitCode !== 0) throw heldState(stack, stderr ?? "");
}

async function clear(things: readonly FoundThing[], say: (sentence: string) => void) {
  if (things.length === 0) return;
  say(`An earlier run left ${listed(things)}, which the state does not know. The volumes stay.`);
  await removeThings(things);
}

/** Whether a run was killed in the middle of something. */
const hasPending = ({ deployment }: Exported) => Boolean(deployment?.pending_operations?.length);

/** The state as the operator's command reads it. Where it cannot be read, it has nothing. */
export async function exportedState(stack: string): Promise<ExportedState> {
  const { deployment } = (await exported(stack)).state as Partial<ExportedState>;
  return { deployment: deployment ?? {} };
}

/**
 * The state as it is now. Its secrets are encrypted. A stack that nobody has made has none.
 *
 * @throws EnginesRefuse where it cannot be read
 */
async function exportState(stack: string): Promise<Exported> {
  const { state, problem } = await exported(stack);
  if (problem !== undefined) throw unreadableState(stack, problem);
  return state;
}

/** The state, and what Pulumi said where it could not be read. */
async function exported(stack: string): Promise<{ state: Exported; problem?: string }> {
  const words = ["stack", "export", "--stack", stack, "--non-interactive"];
  const { stdout, stderr, exitCode } = await execa("pulumi", words, { reject: false });
  if (exitCode === 0) return { state: stdout ? (JSON.parse(stdout) as Exported) : {} };
  return exitCode === stackNotFound ? { state: {} } : { state: {}, problem: stderr ?? "" };
}
