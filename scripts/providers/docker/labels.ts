import { isObject } from "../protocol/values";

/** The form in which labels are given. */
export interface Label {
  label: string;
  value: string;
}

/** Labels as the engine takes them. */
export function labelMap(labels: unknown): Record<string, string> {
  const list = Array.isArray(labels) ? (labels as Label[]) : [];
  return Object.fromEntries(list.map(({ label, value }) => [label, value]));
}

/** Labels as the engine gives them, in a stable order. */
export function labelList(labels: unknown): Label[] {
  if (!isObject(labels)) return [];
  return Object.keys(labels)
    .sort()
    .map((label) => ({ label, value: String(labels[label]) }));
}
