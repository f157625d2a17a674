import { inFuture } from "../../../../contract/clock";
import { Counter, Gauge, type Registry } from "prom-client";

/** A value with its labels. */
export type Sample = [labels: Record<string, string>, value: number | null | undefined];

/** A metric as Prometheus knows it: a name, a kind, and its values. */
export interface Family {
  name: string;
  /** A counter only grows while its server runs. Default: gauge. */
  kind?: "counter";
  help: string;
  samples: readonly Sample[];
}

/** So many values a metric has at most: a server may have thousands of databases. */
export const mostSamples = 500;

/** Adds what is known to a registry, and returns how many values were left out. What is not known is absent. */
export function register(registry: Registry, families: readonly Family[]): number {
  let leftOut = 0;
  for (const { name, kind, help, samples } of families) {
    const known = samples.flatMap(([labels, value]) =>
      value == null || !Number.isFinite(value) ? [] : [{ labels, value }],
    );
    leftOut += Math.max(0, known.length - mostSamples);
    const shown = known.slice(0, mostSamples);
    // One without labels and without values would be 0.
    if (shown.length === 0) continue;
    const labelNames = [...new Set(shown.flatMap(({ labels }) => Object.keys(labels)))];
    const options = { name, help, labelNames, registers: [registry] };
    if (kind === "counter") {
      const counter = new Counter(options);
      for (const { labels, value } of shown) counter.inc(labels, value);
    } else {
      const gauge = new Gauge(options);
      for (const { labels, value } of shown) gauge.set(labels, value);
    }
  }
  return leftOut;
}

/** One value without labels. */
export const single = (value: number | null | undefined): Sample[] => [[{}, value]];

/** Seconds since 1970, or nothing where nothing is known. */
export const seconds = (moment: string | null | undefined): number | undefined =>
  moment == null ? undefined : Date.parse(moment) / 1000;

/** Seconds between two moments, never less than none. What lies in the future has no age. */
export const age = (moment: string | null | undefined, now: string): number | undefined =>
  moment == null || inFuture(moment, Date.parse(now))
    ? undefined
    : Math.max(0, (Date.parse(now) - Date.parse(moment)) / 1000);
