import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { JobSpec } from "../../../contract/agentRequests";
import { Failure } from "../kit/failure";

/** @throws Failure when a value is missing; no value is repeated, for two of them are secrets */
export function readSpec(args: Record<string, unknown>): JobSpec {
  const text = (key: keyof JobSpec): string => {
    const value = args[key];
    if (typeof value === "string" && value !== "") return value;
    throw new Failure(
      `duplicati-job needs ${key} as a text in the JSON object on its standard input.`,
    );
  };
  return {
    name: text("name"),
    target: text("target"),
    passphrase: text("passphrase"),
    retention: text("retention"),
  };
}

/**
 * The job as Duplicati's interface takes it. Each value is sent in full each time: what Duplicati
 * answers is masked, and must not be sent back. It has no schedule, because the scheduler starts it.
 */
export function bodyOf({ name, target, passphrase, retention }: JobSpec): object {
  const settings: Record<string, string> = {
    "encryption-module": "aes",
    "compression-module": "zip",
    "dblock-size": "50mb",
    passphrase,
    "retention-policy": retention,
    // An upload that was cut off, or a target that already holds archives, heals without a person.
    "--auto-cleanup": "true",
  };
  return {
    Backup: {
      Name: name,
      Description: "Made by Laterbase: what is changed here goes with the next `pulumi up`.",
      Tags: [],
      TargetURL: target,
      Sources: ["/backups/"],
      Settings: Object.entries(settings).map(([Name, Value]) => ({ Name, Value })),
      // Nothing outside of it is ever half written.
      Filters: [{ Order: 0, Include: false, Expression: "/backups/.partial/" }],
      // Without metadata the history stays.
    },
    Schedule: null,
  };
}

/**
 * Where Duplicati keeps its list of what a target holds, one for each target. With the list of
 * another one it would miss all of its files and refuse to upload.
 */
export function databaseFor(target: string, present: string): string {
  const [place = "", query = ""] = target.split("?", 2);
  // Another server is another place; keys are not, and may change.
  const servers = query.split("&").filter((option) => /^[^=]*(?:server|endpoint)/i.test(option));
  const hash = createHash("sha256").update(JSON.stringify([place, ...servers.sort()]));
  return posix.join(posix.dirname(present), `laterbase-${hash.digest("hex").slice(0, 12)}.sqlite`);
}
