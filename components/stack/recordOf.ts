import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { InitScript } from "../primary/primary";
import type { LaterbaseArgs } from "./laterbaseArgs";

/** What stands for a secret, as in Pulumi's own output. */
const hidden = "[secret]";

/**
 * The configuration as data in clear: the input of the stack's component. The state keeps it, so that a
 * preview can say which key of the stack file changed, and from what to what. It holds no secret.
 * The standbys are listed by name, repositories by number, and `initScripts` with a short digest of their content.
 */
export function recordOf({
  config: { standbys, primary, duplicati, backups, ...rest },
  initScripts,
}: Pick<LaterbaseArgs, "config" | "initScripts">): { config: unknown } {
  const scripts =
    "initScripts" in primary && primary.initScripts !== undefined
      ? { initScripts: `${primary.initScripts} (${digestOf(initScripts)})` }
      : {};
  const folder = duplicati?.target.folder;
  const target = folder === undefined ? hidden : `file://${folder}`;
  return {
    config: plain({
      ...rest,
      primary: { ...primary, ...scripts },
      standbys: Object.fromEntries(standbys.map(({ name, ...own }) => [name, own])),
      ...(backups ? { backups: { ...backups, repositories: byNumber(backups.repositories) } } : {}),
      ...(duplicati ? { duplicati: { ...duplicati, target } } : {}),
    }),
  };
}

/** By pgBackRest's numbers, so that a preview can name the one that changes. */
function byNumber(repositories: readonly object[]): Record<string, object> {
  return Object.fromEntries(repositories.map((one, i) => [String(i + 1), one]));
}

function digestOf(scripts: readonly InitScript[]): string {
  const hash = createHash("sha256");
  for (const { name, content } of scripts)
    hash.update(`${name} ${content.length} `).update(content);
  const files = scripts.length === 1 ? "1 file" : `${scripts.length} files`;
  return `${files}, ${hash.digest("hex").slice(0, 8)}`;
}

function plain(value: unknown): unknown {
  if (pulumi.Output.isInstance(value)) return hidden;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  // A schedule, which the parser has read.
  if ("text" in value && ("fields" in value || "every" in value)) return value.text;
  const known = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(known.map(([key, one]) => [key, plain(one)]));
}
