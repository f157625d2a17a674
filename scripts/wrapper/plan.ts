import { isDeepStrictEqual } from "node:util";
import type { PrimaryReport } from "../primary/observe/report";
import type { EngineEvent, Operation, StepEvent } from "./events";

/** What changes nothing. */
const idle: ReadonlySet<Operation> = new Set([
  "same",
  "read",
  "refresh",
  "discard",
  "read-replacement",
]);

const stackType = "pulumi:pulumi:Stack";

/** What the parts of a stack are read from. */
export type Known = Pick<Plan, "resources" | "outputs" | "primaryReport">;

/** What one run of Pulumi does, or would do. */
export class Plan {
  /** Each step, in Pulumi's order. */
  readonly steps: StepEvent[] = [];
  /** The stack's outputs, when the run has come so far. */
  outputs: Record<string, unknown> | undefined;
  /** Why the program could not observe the primary. */
  primaryReport: PrimaryReport | undefined;
  private outputsBefore: Record<string, unknown> | undefined;

  /** Takes the next event of the run. */
  take(event: EngineEvent): void {
    if (event.kind !== "step") return;
    const { step, phase } = event;
    if (phase === "begin") this.steps.push(step);
    if (phase === "end" && step.op !== "refresh") {
      if (step.type === stackType && step.new) {
        this.outputs = step.new.outputs;
        this.outputsBefore = step.old?.outputs;
      }
      // What came of the step, such as an id.
      const index = this.steps.findLastIndex(({ urn, op }) => urn === step.urn && op === step.op);
      if (index >= 0) this.steps[index] = step;
    }
  }

  /** The steps that change something. */
  get changes(): StepEvent[] {
    return this.steps.filter(({ op, type }) => !idle.has(op) && type !== stackType);
  }

  /** Whether the run changes neither a resource nor an output. Secret outputs cannot be compared. */
  get isEmpty(): boolean {
    return this.changes.length === 0 && isDeepStrictEqual(this.outputs, this.outputsBefore);
  }

  /** Whether this run is the first with a repository that is encrypted. Destroy makes the state forget it. */
  get beginsEncryption(): boolean {
    return isEncrypted(this.outputs) && !isEncrypted(this.outputsBefore);
  }

  /** Everything that there is after the run: the last step of each resource that is not a removal. */
  get resources(): StepEvent[] {
    const last = new Map<string, StepEvent>();
    for (const step of this.steps) {
      if (step.op === "refresh" || step.op === "read") continue;
      if (step.op === "delete") last.delete(step.urn);
      // A replacement's removal of the old one may come last.
      else if (step.op !== "delete-replaced" && step.op !== "discard-replaced")
        last.set(step.urn, step);
    }
    return [...last.values()];
  }

  /** The part of it that is there before the run. */
  get before(): Known {
    const { outputs, primaryReport } = this;
    return {
      resources: this.resources.filter(({ op }) => op !== "create"),
      outputs,
      primaryReport,
    };
  }
}

function isEncrypted(outputs: Record<string, unknown> | undefined): boolean {
  const { backups } = (outputs ?? {}) as { backups?: { repositories?: { encrypted?: boolean }[] } };
  return (backups?.repositories ?? []).some(({ encrypted }) => encrypted === true);
}
