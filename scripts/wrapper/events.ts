import { z } from "zod";

/** What stands in the log for every secret value. */
export const hiddenSecret = "[secret]";

/** What stands for a value that only `up` will know. */
export const notYetKnown = "[not yet known]";

/** What Pulumi does with a resource. A replacement is several steps. */
export type Operation =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace"
  | "import"
  | "import-replacement";

/** How one property differs. `…-replace`: the resource cannot keep its identity with it. */
export type DiffKind =
  | "add"
  | "add-replace"
  | "delete"
  | "delete-replace"
  | "update"
  | "update-replace";

export interface PropertyDiff {
  kind: DiffKind;
  /** Whether the inputs differ: otherwise the program's input differs from what exists. */
  inputDiff: boolean;
}

/** A resource before or after a step. Its secrets are `hiddenSecret`. */
export interface ResourceState {
  /** Empty while it does not exist. */
  id: string;
  /** Its parent's URN, empty for the stack itself. */
  parent: string;
  /** Whether a provider makes it. A component is only a name for what is in it. */
  custom: boolean;
  /** Its provider: the URN, `::` and an id. Empty for a component. */
  provider: string;
  protect: boolean;
  retainOnDelete: boolean;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** One step on one resource. */
export interface StepEvent {
  op: Operation;
  urn: string;
  type: string;
  /** The last part of the URN. */
  name: string;
  /** The properties for which it is replaced. */
  keys: string[];
  /** The properties that differ. */
  diffs: string[];
  /** By path, such as `ports[0].external`. Empty where the provider does not say. */
  detailedDiff: Record<string, PropertyDiff>;
  /** Absent for a new resource. */
  old?: ResourceState;
  /** Absent for a resource that is deleted. */
  new?: ResourceState;
}

export type Severity = "info" | "info#err" | "warning" | "error";

/** One line of the engine's log, as far as the wrapper needs it. */
export type EngineEvent =
  /** `begin`: the step starts. `end`: it succeeded, and `new.outputs` is what came of it. */
  | { kind: "step"; phase: "begin" | "end" | "failed"; step: StepEvent }
  /** `ephemeral`: progress, such as a line of a build, which the next one replaces. */
  | { kind: "message"; severity: Severity; text: string; urn: string; ephemeral: boolean }
  /** The numbers of all steps, by operation, when the run is over. */
  | { kind: "summary"; changes: Record<string, number>; seconds: number };

// Pulumi marks special values by an object with these keys.
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A property's value with each secret replaced by `hiddenSecret`, and each unknown one by `notYetKnown`. */
function plain(value: unknown): unknown {
  if (value === unknownMark) return notYetKnown;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if ((value as Record<string, unknown>)[signature] === secretMark) return hiddenSecret;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

const properties = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((values) => plain(values ?? {}) as Record<string, unknown>);

const words = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

const flag = z.boolean().default(false);

const resourceState = z
  .object({
    id: z.string().default(""),
    parent: z.string().default(""),
    custom: flag,
    provider: z.string().default(""),
    protect: flag,
    retainOnDelete: flag,
    inputs: properties,
    outputs: properties,
  })
  .nullish();

const propertyDiff = z
  .object({ diffKind: z.string(), inputDiff: flag })
  .transform(({ diffKind, inputDiff }) => ({ kind: diffKind as DiffKind, inputDiff }));

const metadata = z
  .object({
    op: z.string(),
    urn: z.string(),
    type: z.string(),
    keys: words,
    diffs: words,
    detailedDiff: z.record(z.string(), propertyDiff).nullish(),
    old: resourceState,
    new: resourceState,
  })
  .transform(({ op, urn, detailedDiff, old, new: now, ...rest }): StepEvent => ({
    ...rest,
    op: op as Operation,
    urn,
    name: urn.slice(urn.lastIndexOf("::") + 2),
    detailedDiff: detailedDiff ?? {},
    ...(old ? { old } : {}),
    ...(now ? { new: now } : {}),
  }));

const stepOf = z.object({ metadata });

const line = z.object({
  resourcePreEvent: stepOf.optional(),
  resOutputsEvent: stepOf.optional(),
  resOpFailedEvent: stepOf.optional(),
  diagnosticEvent: z
    .object({
      severity: z.string(),
      message: z.string(),
      urn: z.string().default(""),
      ephemeral: flag,
    })
    .optional(),
  summaryEvent: z
    .object({
      resourceChanges: z.record(z.string(), z.number()).nullish(),
      durationSeconds: z.number().default(0),
    })
    .optional(),
});

/**
 * Reads one line of the engine's log.
 *
 * @returns undefined for an event that the wrapper does not need
 * @throws SyntaxError or ZodError for a line that is no event
 */
export function parseEvent(json: string): EngineEvent | undefined {
  const event = line.parse(JSON.parse(json));
  const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, summaryEvent } =
    event;
  if (resourcePreEvent) return { kind: "step", phase: "begin", step: resourcePreEvent.metadata };
  if (resOutputsEvent) return { kind: "step", phase: "end", step: resOutputsEvent.metadata };
  if (resOpFailedEvent) return { kind: "step", phase: "failed", step: resOpFailedEvent.metadata };
  if (diagnosticEvent) {
    const { severity, message, urn, ephemeral } = diagnosticEvent;
    // Pulumi's own marks of colour, such as <{%reset%}>.
    const said = message.replace(/<\{%.*?%\}>/g, "").trimEnd();
    return { kind: "message", severity: severity as Severity, text: said, urn, ephemeral };
  }
  if (summaryEvent) {
    const { resourceChanges, durationSeconds } = summaryEvent;
    return { kind: "summary", changes: resourceChanges ?? {}, seconds: durationSeconds };
  }
  return undefined;
}
