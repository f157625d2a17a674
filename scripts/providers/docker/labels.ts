import { isObject } from "../protocol/values";

/** A label in the form of the inputs. */
export interface Label {
  label: string;
  value: string;
}

/** Labels in the engine's form. */
export function labelMap(labels: unknown): Record<string, string> {
  const list = Array.isArray(labels) ? (labels as Label[]) : [];
  return Object.fromEntries(list.map(({ label, value }) => [label, value]));
}

/** The engine's labels in the form of the inputs, sorted. */
export function labelList(labels: unknown): Label[] {
  if (!isObject(labels)) return [];
  return Object.keys(labels)
    .sort()
    .map((label) => ({ label, value: String(labels[label]) }));
}
