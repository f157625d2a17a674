/**
 * What an embedded provider is made of. A provider is a table of resource kinds; the framework
 * beside this file turns it into a Pulumi plugin (see `serve`). Kinds see plain values only: the
 * engine strips secrets before it calls and marks same-named outputs secret again afterwards.
 */

/** Any value that travels between the engine and a provider. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The properties of a resource: its inputs, or its state. */
export type Props = Record<string, unknown>;

/** Why an input is refused. */
export interface Failure {
  property: string;
  reason: string;
}

/** What a kind decides about a change. `replaces` and `diffs` hold top-level property names. */
export interface Diff {
  changes: boolean;
  replaces: string[];
  diffs: string[];
  deleteBeforeReplace?: boolean;
}

/** What is known about a resource that exists: its last inputs and its state (outputs). */
export interface Existing {
  inputs: Props;
  state: Props;
}

/** The surroundings of one call of the engine. */
export interface Context {
  urn: string;
  /** The logical name of the resource. */
  name: string;
  /** Shows a message beside the resource while it is worked on. */
  status(message: string): void;
  /** Leaves a message in the output of the update. */
  log(message: string, severity?: "debug" | "info" | "warning" | "error"): void;
  /** Ends when the user interrupts, or when the resource's custom time-out is over. */
  signal: AbortSignal;
  /** The custom time-out in seconds, when there is one. */
  timeoutSeconds?: number;
}

/** A resource as it was found in the real world. */
export interface Found {
  id: string;
  inputs: Props;
  outputs: Props;
}

/** One resource type. */
export interface ResourceKind {
  /** Every input that is implemented. Any other is refused by name. */
  inputs: readonly string[];
  /** Values that hold when an input is left out. */
  defaults?: Props;
  /** Refuses bad inputs, or completes them. Inputs may hold unknown values in a preview. */
  check?(news: Props, olds?: Props): { inputs: Props; failures: Failure[] };
  /** Compares what exists with the new inputs; these may hold unknown values in a preview. */
  diff(olds: Existing, news: Props): Diff;
  /** Throw `PartialFailure` when something was made that state must keep. */
  create(ctx: Context, inputs: Props): Promise<{ id: string; outputs: Props }>;
  /** Undefined means gone. Without `read`, a refresh believes the state. */
  read?(ctx: Context, id: string, state: Props, inputs: Props): Promise<Found | undefined>;
  update?(ctx: Context, id: string, olds: Existing, news: Props): Promise<Props>;
  delete(ctx: Context, id: string, state: Props): Promise<void>;
  /**
   * The outputs that a preview can promise; what is missing is unknown. By default the inputs for
   * a creation, and the state under the new inputs for an update. `create` and `update` are never
   * called in a preview.
   */
  preview?(news: Props, olds?: Existing): Props;
  /** Outputs that are always secret. */
  secretOutputs?: readonly string[];
}

/** A provider: named and versioned like the npm package whose plugin it stands in for. */
export interface Provider {
  name: string;
  version: string;
  /** Configuration keys that are implemented. Any other is refused by name. */
  config?: readonly string[];
  /** Takes the provider's configuration (every value a string or JSON text). */
  configure?(variables: Record<string, string>): void | Promise<void>;
  /** By type token, e.g. `docker:index/network:Network`. */
  resources: Record<string, ResourceKind>;
  functions?: Record<string, (args: Props) => Promise<Props>>;
}

/** A creation or update that failed half-way: the resource stays in state, with its reasons. */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Props,
    readonly reasons: string[],
  ) {
    super(reasons.join("; "));
    this.name = "PartialFailure";
  }
}

export { serve } from "./server";
