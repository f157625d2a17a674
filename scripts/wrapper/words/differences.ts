import { isDeepStrictEqual } from "node:util";
import { hiddenSecret, notYetKnown } from "../events";
import { fromTo, isObject } from "./keys";
import type { Located } from "./located";

/** Why a resource changes, by its own inputs: for a change that no key of the stack file explains. */
export function differences({ differing, old, new: now }: Located): string[] {
  // A container that somebody stopped also lacks its ports.
  if (differing.includes("mustRun")) return ["it is stopped"];
  return [...new Set(differing)].flatMap((key) =>
    difference(key, old?.inputs[key], now?.inputs[key]),
  );
}

function difference(key: string, from: unknown, to: unknown): string[] {
  const label = labels[key] ?? key;
  if ([from, to].some((value) => JSON.stringify(value ?? "").includes(hiddenSecret))) {
    return [`${label} changed`];
  }
  if (isDeepStrictEqual(from, to)) return [`${label} differs on the engine`];
  if (JSON.stringify(to ?? "").includes(notYetKnown)) return [`${label} changed`];
  if (key === "ports") return portOf(from, to);
  if (key === "envs") return variables(from, to);
  if (key === "memory") return [`${fromTo("memory", from, to)} MB`];
  if (isPlain(from) && isPlain(to)) return [fromTo(label, from, to)];
  return [`${label} changed`];
}

/** Inputs of a container that people know by another name. */
const labels: Readonly<Record<string, string>> = {
  uploads: "files",
  networksAdvanced: "network",
  envs: "variables",
  stdin: "input",
  volumes: "mounts",
  connection: "login",
};

function portOf(from: unknown, to: unknown): string[] {
  const [before, after] = [publishedOf(from), publishedOf(to)];
  const port = before.port === after.port ? [] : [fromTo("port", before.port, after.port)];
  const ip = before.ip === after.ip ? [] : [fromTo("address", before.ip, after.ip)];
  return port.length + ip.length > 0 ? [...port, ...ip] : ["ports changed"];
}

function publishedOf(ports: unknown): { port: unknown; ip: unknown } {
  const first: unknown = Array.isArray(ports) ? ports[0] : undefined;
  return isObject(first)
    ? { port: first["external"], ip: first["ip"] }
    : { port: undefined, ip: undefined };
}

/** `KEY=value` each. They hold no secrets. */
function variables(from: unknown, to: unknown): string[] {
  const [before, after] = [byName(from), byName(to)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => fromTo(name, before.get(name), after.get(name)));
}

function byName(envs: unknown): Map<string, string> {
  const list = Array.isArray(envs) ? envs.filter((one) => typeof one === "string") : [];
  return new Map(
    list.map((one): [string, string] => {
      const at = one.indexOf("=");
      return at < 0 ? [one, ""] : [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

const isPlain = (value: unknown): boolean => !isObject(value) && !Array.isArray(value);
