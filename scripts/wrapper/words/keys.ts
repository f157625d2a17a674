import { isDeepStrictEqual } from "node:util";
import { visible } from "../../../contract/visible";
import type { Change } from "./changes";

/** A key of the stack file that changed. */
export interface KeyChange {
  /** The way to it, such as `standbys`, `standby`, `port`. A whole section, where it is new or gone. */
  path: string[];
  /** Undefined: it was not there. */
  from: unknown;
  /** Undefined: it is not there any more. */
  to: unknown;
}

/**
 * The keys that changed, by the record of the configuration that the stack's component keeps. None for a
 * new stack, and none for the state of a release that kept no record.
 */
export function keyChanges(changes: readonly Change[]): KeyChange[] {
  const stack = changes.find(({ kind }) => kind === "Laterbase");
  const from = stack?.old?.inputs["config"];
  const to = stack?.new?.inputs["config"];
  return isObject(from) && isObject(to) ? compare([], from, to) : [];
}

function compare(path: string[], from: unknown, to: unknown): KeyChange[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (!isObject(from) || !isObject(to) || otherKind(from, to)) return [{ path, from, to }];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return keys.flatMap((key) => {
    // Each secret is a change of its own, also the first one that is replaced.
    const none = path.length === 0 && key === "rotations" ? {} : undefined;
    return compare([...path, key], from[key] ?? none, to[key] ?? none);
  });
}

/** An object of another kind has other keys: it changes as a whole. */
function otherKind(from: Record<string, unknown>, to: Record<string, unknown>): boolean {
  return from["kind"] !== to["kind"];
}

/** `port 8009 → 8010`. */
export function fromTo(label: string, from: unknown, to: unknown): string {
  return `${label} ${shown(from)} → ${shown(to)}`;
}

/** A value in a line: short, and without what could change how the line looks. */
export function shown(value: unknown): string {
  if (value === undefined) return "not set";
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (isObject(value)) {
    if (typeof value["kind"] === "string") return value["kind"];
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${key}: ${shown(one)}`)
      .join(", ")} }`;
  }
  if (value === "") return '""';
  const text = visible(typeof value === "string" ? value : JSON.stringify(value));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
