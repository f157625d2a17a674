import { parse } from "yaml";
import { configSchema } from "../../components/stack/configSchema";
import { asPulumi } from "../cli/stack/stackFile";

/** The keys of a stack file that this version does not know, such as `laterbase:pooler.fast`. */
export function unknownKeys(text: string): string[] {
  const { config = {} } = (parse(text, asPulumi) ?? {}) as { config?: Record<string, unknown> };
  const prefix = "laterbase:";
  const own = Object.entries(config).flatMap(([key, value]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
  );
  // What else is wrong, such as a value that is encrypted here, is said where the program reads it.
  const issues = configSchema.safeParse(Object.fromEntries(own)).error?.issues ?? [];
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => `${prefix}${[...issue.path, key].map(String).join(".")}`)
      : [],
  );
}
