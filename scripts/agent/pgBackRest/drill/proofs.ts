import {
  type DrillProof,
  type DrillResult,
  drillProofs,
  type Proof,
  type Unproven,
} from "../../../../contract/drillRecord";
import { elapsed } from "../../kit/clock";
import type { Context, Say } from "../../kit/context";
import { Failure, stackOf, withStop } from "../../kit/failure";
import { saidBy } from "./said";

const notReached: Proof = { result: "unproven", detail: "It was not reached.", seconds: 0 };

/** A proof that failed. What follows it is not tried. */
class ProofFailed extends Error {}

/** What a proof found. Problems make it fail. */
export interface Evidence {
  problems: readonly string[];
  /** What it says when it holds. */
  detail: string;
  /** Nothing was shown, and nothing is wrong. */
  unproven?: boolean;
}

/** The proofs of one drill, in their order. */
export class Proofs {
  readonly all = Object.fromEntries(drillProofs.map((name) => [name, notReached])) as Record<
    DrillProof,
    Proof
  >;

  constructor(
    private readonly context: Context,
    private readonly say: Say,
    private readonly signal: AbortSignal,
  ) {}

  /** Tries one. What `work` returns beside its evidence is the result. */
  async prove<T>(
    name: DrillProof,
    work: (say: Say) => Promise<{ evidence: Evidence; result: T }>,
  ): Promise<T> {
    const began = elapsed();
    const number = drillProofs.indexOf(name) + 1;
    const end = (result: Proof["result"], detail: string) => {
      const seconds = Math.round((elapsed() - began) / 100) / 10;
      this.all[name] = { result, detail, seconds };
    };
    try {
      const { evidence, result } = await work((progress) =>
        this.say(`proof ${number} of ${drillProofs.length}: ${progress}`),
      );
      const { problems, detail, unproven = false } = evidence;
      if (problems.length > 0) end("failed", listed(problems));
      else end(unproven ? "unproven" : "proven", detail);
      return result;
    } catch (error) {
      if (!(error instanceof Failure) && !this.signal.aborted) this.context.log(stackOf(error));
      // A sentence of ours has its own bounds.
      end("failed", error instanceof Failure ? withStop(error.message) : saidBy(error));
      throw new ProofFailed();
    }
  }

  /** Runs the work up to the first proof that could not be tried to its end. */
  async run(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => {
      if (!(error instanceof ProofFailed)) throw error;
    });
  }
}

const most = 5;

/** The first problems, and how many others there are. */
export function listed(problems: readonly string[]): string {
  const rest = problems.length - most;
  return [...problems.slice(0, most), ...(rest > 0 ? [`And ${rest} more.`] : [])].join(" ");
}

const named = 20;

/** What a record keeps of what is unproven. */
export function unprovenOf(all: readonly Unproven[]): Pick<DrillResult, "unproven"> {
  if (all.length === 0) return {};
  return { unproven: { count: all.length, first: all.slice(0, named) } };
}

/** What is unproven, in one sentence. Empty: nothing. */
export function unprovenSentence(all: readonly Unproven[]): string {
  if (all.length === 0) return "";
  const names = all
    .slice(0, most)
    .map(({ database, name }) =>
      database === undefined ? name : `${name} of ${JSON.stringify(database)}`,
    );
  const rest = all.length - names.length;
  const list = `${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  return `Unproven ${all.length === 1 ? "is" : "are"} ${list}.`;
}

/** One sentence or a few on all proofs. */
export function drillSentence(proofs: Record<DrillProof, Proof>): string {
  const failed = drillProofs.filter((name) => proofs[name].result === "failed");
  if (failed.length > 0) {
    return failed.map((name) => `${titles[name]}: ${proofs[name].detail}`).join(" ");
  }
  const proven = drillProofs.filter((name) => proofs[name].result === "proven");
  const count = proven.length === drillProofs.length ? "All four" : `${proven.length} of four`;
  return `${count} proofs hold. ${drillProofs.map((name) => proofs[name].detail).join(" ")}`;
}

/** What a failed proof is called. */
const titles: Readonly<Record<DrillProof, string>> = {
  restore: "The newest backup was not restored",
  replay: "The WAL after the backup cannot be replayed",
  rows: "The restored rows are not those of the server",
  pages: "The restored files are damaged",
};
