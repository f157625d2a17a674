import type * as pulumi from "@pulumi/pulumi";
import { hiddenSecret, notYetKnown, type StepEvent } from "../../scripts/wrapper/events";
import { localCommand } from "../../scripts/providers/command/local";
import { remoteCommand } from "../../scripts/providers/command/remote";
import { container } from "../../scripts/providers/docker/container";
import { newState } from "../../scripts/providers/docker/containerState";
import { remoteImage } from "../../scripts/providers/docker/remoteImage";
import { volume } from "../../scripts/providers/docker/volume";
import { changedKeys, decide } from "../../scripts/providers/protocol/compare";
import type { Diff, Props } from "../../scripts/providers/protocol/provider";
import { UNKNOWN } from "../../scripts/providers/protocol/values";
import type { Made } from "./mocks";

const none = () => {
  throw new Error("no engine is asked here");
};

/** The decision of the embedded provider about one resource. */
function decision(type: string, olds: Props, news: Props): Diff {
  const both = { inputs: olds, state: olds };
  switch (type) {
    case "docker:index/container:Container":
      return container(none).diff(
        { inputs: olds, state: { ...newState(olds), networkDatas: [] } },
        news,
      );
    case "docker:index/volume:Volume":
      return volume(none).diff(both, news);
    case "docker:index/remoteImage:RemoteImage":
      return remoteImage(none).diff(both, news);
    case "command:local:Command":
      return localCommand.diff(both, news);
    case "command:remote:Command":
      return remoteCommand.diff(both, news);
    default:
      return decide(changedKeys(olds, news, [...Object.keys({ ...olds, ...news })]), () => false);
  }
}

/**
 * The steps of a preview from one declared stack to another, as the engine's log has them: each resource is
 * compared by the embedded providers, what is made anew has no known id yet, and secrets are hidden. The
 * trial `words` compares it with real previews.
 */
export function previewedSteps(before: readonly Made[], after: readonly Made[]): StepEvent[] {
  const old = new Map(withUrns(before).map((one) => [one.urn, one]));
  const next = withUrns(after);
  const unknown = new Set<string>();
  const steps = next.map((one) => step(old.get(one.urn), one, unknown));
  const kept = new Set(next.map(({ urn }) => urn));
  const gone = [...old.values()].filter(({ urn }) => !kept.has(urn));
  return [
    ...steps,
    ...gone.map((one) => ({ ...bare(one), op: "delete" as const, old: state(one) })),
  ];
}

interface Named extends Made {
  urn: string;
  parentUrn: string;
}

function withUrns(made: readonly Made[]): Named[] {
  const chains = new Map<string, string>();
  return made.map((one) => {
    const parent = one.opts.parent as unknown as
      | { __pulumiType: string; __name: string }
      | undefined;
    const above = parent ? chains.get(`${parent.__pulumiType}::${parent.__name}`) : undefined;
    const chain = above === undefined ? one.type : `${above}$${one.type}`;
    chains.set(`${one.type}::${one.name}`, chain);
    const urn = (types: string, name: string) => `urn:pulumi:t::laterbase::${types}::${name}`;
    return {
      ...one,
      urn: urn(chain, one.name),
      parentUrn: above === undefined ? "" : urn(above, parent!.__name),
    };
  });
}

function step(old: Named | undefined, next: Named, unknown: Set<string>): StepEvent {
  const inputs = ignoring(old, next, spoilt(next.inputs, unknown) as Props);
  const seen = { ...next, inputs };
  const becomes = () => {
    unknown.add(`${next.name}-id`);
    unknown.add(`stdout-of-${next.name}`);
  };
  if (!old) {
    becomes();
    return { ...bare(next), op: "create", new: state(seen) };
  }
  const moved = nameOf(old.opts.provider) !== nameOf(next.opts.provider);
  const { diffs, replaces } = decision(next.type, old.inputs, inputs);
  const forced = diffs.filter((key) => next.opts.replaceOnChanges?.includes(key));
  const keys = moved ? ["provider"] : [...new Set([...replaces, ...forced])];
  const both = { ...bare(next), diffs, keys, old: state(old), new: state(seen) };
  if (keys.length > 0) {
    becomes();
    return { ...both, op: "replace" };
  }
  if (diffs.length === 0) return { ...both, op: "same" };
  if (next.type.startsWith("command:")) unknown.add(`stdout-of-${next.name}`);
  return { ...both, op: "update" };
}

const nameOf = (resource: pulumi.ProviderResource | undefined) =>
  (resource as unknown as { __name?: string } | undefined)?.__name;

/** The engine takes the old values of what a resource ignores. */
function ignoring(old: Named | undefined, { opts }: Named, inputs: Props): Props {
  if (!old) return inputs;
  const kept = { ...inputs };
  for (const path of opts.ignoreChanges ?? []) {
    const [top = "", inner] = path.split(".");
    if (inner === undefined) reset(kept, top, old.inputs);
    else if (kept[top]) {
      kept[top] = { ...(kept[top] as Props) };
      reset(kept[top] as Props, inner, (old.inputs[top] ?? {}) as Props);
    }
  }
  return kept;
}

function reset(values: Props, key: string, from: Props): void {
  if (key in from) values[key] = from[key];
  else delete values[key];
}

/** The values with each that holds the id or the output of something new replaced by the unknown one. */
function spoilt(value: unknown, unknown: ReadonlySet<string>): unknown {
  if (typeof value === "string") {
    return [...unknown].some((mark) => value.includes(mark)) ? UNKNOWN : value;
  }
  if (Array.isArray(value)) return value.map((one) => spoilt(one, unknown));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoilt(one, unknown)]));
}

function bare({ urn, type, name }: Named) {
  return { urn, type, name, keys: [] as string[], diffs: [] as string[], detailedDiff: {} };
}

function state({ name, type, inputs, secrets, opts, parentUrn }: Named): StepEvent["old"] & object {
  const shown = Object.entries(inputs).map(([key, value]) => [
    key,
    secrets.includes(key) ? hiddenSecret : known(value),
  ]);
  return {
    id: `${name}-id`,
    parent: parentUrn,
    custom: !type.startsWith("laterbase:"),
    provider: "",
    protect: opts.protect ?? false,
    retainOnDelete: opts.retainOnDelete ?? false,
    inputs: Object.fromEntries(shown) as Record<string, unknown>,
    outputs: {},
  };
}

function known(value: unknown): unknown {
  if (value === UNKNOWN) return notYetKnown;
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, known(one)]));
}
