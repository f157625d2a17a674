import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** The systems of examples/ that have a stack file. */
export const exampleSystems = ["hot-hot", "homelab", "sav3", "config-once", "editor"] as const;

export type ExampleSystem = (typeof exampleSystems)[number];

export const exampleFile = (name: ExampleSystem): string => `examples/${name}/Pulumi.${name}.yaml`;

/** The keys of an example's stack file, without their `laterbase:`. */
export function exampleKeys(name: ExampleSystem): Record<string, any> {
  const { config } = parse(readFileSync(exampleFile(name), "utf8")) as { config: object };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^laterbase:/, ""), value]),
  );
}

/**
 * The same, to run beside other stacks of the machine: with ports from `first` on, and another folder of the dumps.
 * Everything else is the example's.
 */
export function adaptedExample(
  name: ExampleSystem,
  { first, folder }: { first: number; folder: string },
): Record<string, any> {
  const keys = exampleKeys(name);
  const published = [
    ...(keys["primary"].kind === "managed" ? [keys["primary"]] : []),
    ...(keys["standbys"] ?? []),
    ...["pooler", "pgAdmin", "duplicati", "objectStore", "health"].map((key) => keys[key]),
  ].filter(Boolean);
  for (const [i, one] of published.entries()) one.port = first + i;
  if (keys["dumps"]?.path) keys["dumps"].path = folder;
  return keys;
}
