import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type Cluster,
  clusterCheckName,
  type PrimaryAcceptance,
} from "../../../../contract/health/acceptPrimary";
import { Failure } from "../../kit/failure";
import { fileName } from "./file";

/** Where the table `known` has what the monitor saw last, and what a person accepted since. */
export const seenKey = "seen";
export const acceptedKey = "accepted";

/** A cluster as `known` has it. */
export const textOf = ({ systemIdentifier, timeline }: Cluster) =>
  `${systemIdentifier} ${timeline}`;

/** What a key of `known` holds. Undefined: nothing. */
export function clusterIn(database: DatabaseSync, key: string): Cluster | undefined {
  const found = database.prepare("SELECT value FROM known WHERE name = ?").get(key);
  const [systemIdentifier = "", timeline = ""] = String(found?.["value"] ?? "").split(" ");
  return systemIdentifier === "" ? undefined : { systemIdentifier, timeline: Number(timeline) };
}

/**
 * Accepts the cluster that the monitor saw last. It runs in a process of its own: the monitor reads what it has written
 * at its next look, and takes it only if the primary is that cluster then.
 */
export function acceptSeen(folder: string): PrimaryAcceptance {
  const path = join(folder, fileName);
  // SQLite would make it.
  if (!existsSync(path))
    throw new Failure("The monitor keeps no history, so it knows no earlier cluster.");
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 2000");
    const seen = clusterIn(database, seenKey);
    if (!seen) throw new Failure("The monitor has not seen the primary yet.");
    const state = database
      .prepare("SELECT status FROM states WHERE name = ?")
      .get(clusterCheckName);
    const accepted = state?.["status"] === "failed";
    if (accepted)
      database
        .prepare("REPLACE INTO known (name, value) VALUES (?, ?)")
        .run(acceptedKey, textOf(seen));
    return { seen, accepted };
  } finally {
    database.close();
  }
}
