import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { JobSpec } from "../../../contract/agentRequests";
import { Failure } from "../kit/failure";

/** Checks the arguments. Two of them are secrets, so the error repeats none. @throws Failure */
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
 * The job as Duplicati's interface takes it. Every value is sent each time, because Duplicati's
 * answers are masked and cannot be sent back. There is no schedule: the scheduler starts the job.
 */
export function bodyOf({ name, target, passphrase, retention }: JobSpec): object {
  const settings: Record<string, string> = {
    "encryption-module": "aes",
    "compression-module": "zip",
    "dblock-size": "50mb",
    passphrase,
    "retention-policy": retention,
    // Repairs the target after an upload that was cut off, or when it already holds archives.
    "--auto-cleanup": "true",
  };
  return {
    Backup: {
      Name: name,
      Description: "Made by Laterbase: the next `pulumi up` overwrites changes made here.",
      Tags: [],
      TargetURL: target,
      Sources: ["/backups/"],
      Settings: Object.entries(settings).map(([Name, Value]) => ({ Name, Value })),
      // Only in this folder are files half written.
      Filters: [{ Order: 0, Include: false, Expression: "/backups/.partial/" }],
      // Without metadata the history stays.
    },
    Schedule: null,
  };
}

/**
 * The file where Duplicati keeps its list of a target's files: one file for each target. With the
 * list of another target it would miss all files there and refuse to upload.
 */
export function databaseFor(target: string, present: string): string {
  const [place = "", query = ""] = target.split("?", 2);
  // Another server is another place. Other keys are not: they may change.
  const servers = query.split("&").filter((option) => /^[^=]*(?:server|endpoint)/i.test(option));
  const hash = createHash("sha256").update(JSON.stringify([place, ...servers.sort()]));
  return posix.join(posix.dirname(present), `laterbase-${hash.digest("hex").slice(0, 12)}.sqlite`);
}
