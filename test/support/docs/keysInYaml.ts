import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseConfig, readRaw } from "../../../components";

type Config = Record<string, unknown>;

/**
 * What a part of a stack file is put over: a primary of Laterbase's own, and one of the user's. A part may name what
 * other parts make, such as an object store or a database.
 */
const bases = ["Pulumi.dev.yaml", "Pulumi.prod.yaml"];

/**
 * Why the program would refuse these keys of a stack file, or undefined.
 *
 * @param text a stack file, or a part of one
 */
export function refusalOfKeys(text: string): string | undefined {
  const { config, ...others } = parse(text) as Config & { config?: Config };
  const reasons: string[] = [];
  for (const base of bases) {
    const whole = merged(configOf(base), config ?? withNamespace(others)) as Config;
    const texts = Object.entries(withSecrets(whole) as Config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    try {
      parseConfig(readRaw(Object.fromEntries(texts) as Record<string, string>, base), base);
      return undefined;
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  return reasons.join("\n");
}

/** A page shows files of other programs too. */
const withNamespace = (keys: Config): Config =>
  Object.fromEntries(Object.entries(keys).filter(([key]) => key.includes(":")));

function configOf(file: string): Config {
  const { config } = parse(readFileSync(file, "utf8")) as { config: Config };
  const primary = config["laterbase:primary"] as Config & { databases: string[] };
  primary.databases.push("jobs");
  if (isMap(primary["superuser"])) {
    Object.assign(primary["superuser"], { password: "DaVinci" });
    return config;
  }
  return { ...config, "laterbase:objectStore": { port: 7070, bucket: "homelab-backups" } };
}

/** Another kind of primary replaces that of the base. */
function merged(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  if (above["kind"] !== undefined && above["kind"] !== below["kind"]) return above;
  const keys = Object.keys(above).map((key) => [key, merged(below[key], above[key])]);
  return { ...below, ...Object.fromEntries(keys) };
}

/** A secret as the program gets it. One may be an address. */
function withSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSecrets);
  if (!isMap(value)) return value;
  if (typeof value["secure"] === "string") return "https://example.com/archive";
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withSecrets(one)]));
}

const isMap = (value: unknown): value is Config =>
  typeof value === "object" && value !== null && !Array.isArray(value);
