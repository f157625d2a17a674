/**
 * The parts of an embedded provider. A provider is a table of resource kinds; `serve` in server.ts
 * turns it into a Pulumi plugin. Kinds see plain values only: the engine unwraps secrets before a call,
 * and afterwards marks outputs of the same name as secret again.
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

/** A kind's decision about a change. `replaces` and `diffs` hold top-level property names. */
export interface Diff {
  changes: boolean;
  replaces: string[];
  diffs: string[];
  deleteBeforeReplace?: boolean;
}

/** An existing resource: its last inputs and its state (outputs). */
export interface Existing {
  inputs: Props;
  state: Props;
}

/** The context of one call of the engine. */
export interface Context {
  urn: string;
  /** The logical name of the resource. */
  name: string;
  /** Shows a message beside the resource during the operation. */
  status(message: string): void;
  /** Adds a message to the output of the update. */
  log(message: string, severity?: "debug" | "info" | "warning" | "error"): void;
  /** Aborted when the user interrupts, or after the resource's custom time-out. */
  signal: AbortSignal;
  /** The custom time-out in seconds, when there is one. */
  timeoutSeconds?: number;
}

/** A resource as it really exists. */
export interface Found {
  id: string;
  inputs: Props;
  outputs: Props;
}

/** One resource type. */
export interface ResourceKind {
  /** All implemented inputs. Any other is refused by name. */
  inputs: readonly string[];
  /** Values of missing inputs. */
  defaults?: Props;
  /** Refuses wrong inputs, or completes them. In a preview, inputs may be unknown. */
  check?(news: Props, olds?: Props): { inputs: Props; failures: Failure[] };
  /** Compares what exists with the new inputs. In a preview, inputs may be unknown. */
  diff(olds: Existing, news: Props): Diff;
  /** Throws `PartialFailure` when something was created that the state must hold. */
  create(ctx: Context, inputs: Props): Promise<{ id: string; outputs: Props }>;
  /** Undefined means that it no longer exists. Without `read`, a refresh keeps the state. */
  read?(ctx: Context, id: string, state: Props, inputs: Props): Promise<Found | undefined>;
  update?(ctx: Context, id: string, olds: Existing, news: Props): Promise<Props>;
  delete(ctx: Context, id: string, state: Props): Promise<void>;
  /**
   * The outputs that a preview knows; missing ones are unknown. By default these are the inputs of a
   * creation, or the state with the new inputs of an update. A preview never calls `create` or `update`.
   */
  preview?(news: Props, olds?: Existing): Props;
  /** Outputs that are always secret. */
  secretOutputs?: readonly string[];
}

/** A provider, with the name and version of the npm package whose plugin it replaces. */
export interface Provider {
  name: string;
  version: string;
  /** All implemented configuration keys. Any other is refused by name. */
  config?: readonly string[];
  /** Receives the provider's configuration; every value is a string or JSON text. */
  configure?(variables: Record<string, string>): void | Promise<void>;
  /** By type token, e.g. `docker:index/network:Network`. */
  resources: Record<string, ResourceKind>;
  functions?: Record<string, (args: Props) => Promise<Props>>;
}

/** A creation or update that failed half-way. The resource stays in the state, with the reasons. */
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
