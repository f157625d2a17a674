import type { StepEvent } from "../events";
import { archiveNote } from "./archiveNote";
import { changesOf } from "./changes";
import { driftOf, repairOf } from "./drifts";
import type { Draft } from "./draft";
import { effectsOf } from "./effects";
import { fromTo, type KeyChange, keyChanges, shown } from "./keys";
import { type Located, locate } from "./located";
import { leftOver } from "./leftOver";
import { inOrder, nameOf, type Place } from "./place";
import { ruleOf } from "./ruleOf";

/** One change in words. */
export interface ChangeLine {
  /** What changes, such as `standby`. */
  subject: string;
  /** From what to what, such as `port 8009 → 8010`. */
  change: string;
  /** What it does, what stays, who notices and about how long. At least one. */
  effects: string[];
}

/**
 * What a run changes, one line for each reason, the widest first. Resources that change for one reason
 * are one line. No change is without one.
 *
 * @param steps the steps of a preview or of a run, also those that change nothing
 */
export function changeLines(steps: readonly StepEvent[]): ChangeLine[] {
  const all = inOrder(locate(changesOf(steps)));
  const real = all.filter(({ fate }) => fate !== "kept");
  const stack = all.find(({ kind }) => kind === "Laterbase");
  const drafts = [
    ...drifts(real),
    ...(stack?.fate === "made" ? [] : merged(byKey(keyChanges(all), real))),
  ];
  const covered = new Set(drafts.flatMap((draft) => draft.covered));
  const rest = real.filter((one) => !covered.has(one));
  const claimed = new Set<Located>();
  return [...drafts, ...leftOver(rest, real, drafts.length > 0)].map((draft) =>
    lineOf(draft, claimed),
  );
}

function lineOf(
  { subject, changes, covered, notes = [], effects }: Draft,
  claimed: Set<Located>,
): ChangeLine {
  const own = covered.filter((one) => !claimed.has(one));
  const shared = covered.some((one) => one.kind === "Container" && claimed.has(one));
  for (const one of own) claimed.add(one);
  const done = [
    ...(effects ?? effectsOf(own, subject)),
    ...(shared ? ["with the restart above"] : []),
  ];
  return {
    subject,
    change: changes.join(", "),
    effects: [...(done.length > 0 ? done : ["nothing restarts"]), ...archiveNote(own), ...notes],
  };
}

/** A sentence that several steps carry is of the primary, whose data may be others: all its steps run again. */
function drifts(changes: readonly Located[]): Draft[] {
  const lines = new Map<string, Draft>();
  for (const change of changes) {
    const sentence = driftOf(change);
    if (sentence === undefined) continue;
    const same = lines.get(sentence);
    const others = same?.covered ?? [];
    lines.set(sentence, {
      subject: same ? "primary" : nameOf(change.place),
      changes: [sentence],
      covered: [...others, change],
      effects: same ? ["the steps that prepare it run again"] : repairOf(change),
    });
  }
  return [...lines.values()];
}

function byKey(keys: readonly KeyChange[], changes: readonly Located[]): Draft[] {
  return keys.map((key) => {
    const rule = ruleOf(key);
    const covered = changes.filter((one) => one.kind !== "Laterbase" && rule.covers(one, key));
    const note = rule.note?.(key);
    return { ...about(key), covered, notes: note ? [note] : [] };
  });
}

/** Keys of one part that lead to the same changes are one line. The widest come first. */
function merged(drafts: readonly Draft[]): Draft[] {
  const lines = new Map<string, Draft>();
  for (const draft of drafts) {
    const id = JSON.stringify([draft.subject, draft.covered.map(({ urn }) => urn)]);
    const same = lines.get(id);
    if (!same) lines.set(id, { ...draft });
    else {
      same.changes = [...same.changes, ...draft.changes];
      same.notes = [...new Set([...(same.notes ?? []), ...(draft.notes ?? [])])];
    }
  }
  const stops = ({ covered }: Draft) => covered.filter(({ kind }) => kind === "Container").length;
  return [...lines.values()].sort((a, b) => stops(b) - stops(a));
}

const sections: Readonly<Record<string, Place["part"]>> = {
  primary: "primary",
  standbys: "standby",
  pooler: "pooler",
  pgAdmin: "pgAdmin",
  dumps: "agent",
  backups: "backups",
  objectStore: "objectStore",
  duplicati: "duplicati",
  health: "health",
};

/** The subject and the change of a key's line. */
function about({
  path: [top = "", ...rest],
  from,
  to,
}: KeyChange): Pick<Draft, "subject" | "changes"> {
  if (top === "rotations") return rotated(rest.join("."), to);
  const part = sections[top];
  if (!part) return { subject: "stack", changes: [fromTo([top, ...rest].join("."), from, to)] };
  const [standby, ...inStandby] = top === "standbys" ? rest : [undefined, ...rest];
  const subject = nameOf({ part, ...(standby === undefined ? {} : { standby }) });
  if (inStandby.length > 0) return { subject, changes: [fromTo(inStandby.join("."), from, to)] };
  if (from === undefined) return { subject, changes: [`new${onPort(to)}`] };
  if (to === undefined) return { subject, changes: ["removed"] };
  return { subject, changes: [fromTo("kind", from, to)] };
}

/** A secret that is replaced, and which time it is. */
function rotated(secret: string, to: unknown): Pick<Draft, "subject" | "changes"> {
  const number = typeof to === "number" ? `, number ${to}` : "";
  return { subject: "secrets", changes: [`${shown(secret)} gets another one${number}`] };
}

function onPort(section: unknown): string {
  const { port } = section as { port?: unknown };
  return typeof port === "number" ? ` on port ${port}` : "";
}
