import { pgBackRestFeatures } from "../../../../contract/pgBackRest";
import { asTarget } from "../../../../contract/pgTime";
import type { ResolvedWish } from "./facts";

/** What a plan has chosen. */
export interface Chosen {
  repository: number;
  set: string;
  timeline: number;
  /** Whether the repository lacks the history of that timeline. The backup is on it, and PostgreSQL stays there. */
  withoutHistory?: boolean;
  target: ResolvedWish["target"];
}

/** Where a restore goes to. */
interface Place {
  /** PostgreSQL's, which decides what pgBackRest knows. */
  major: number;
  /** Whether the restored server archives. One beside the primary must not push into its archive. */
  archive?: boolean;
}

/**
 * The words after `pgbackrest` for a restore. They always name repository, backup and timeline, so that pgBackRest and
 * PostgreSQL choose nothing by themselves: their choice may lie after the target, or on a stray timeline.
 */
export function restoreArguments(
  { repository, set, timeline, withoutHistory = false, target }: Chosen,
  { major, archive = false }: Place,
): string[] {
  return [
    "restore",
    `--repo=${repository}`,
    `--set=${set}`,
    ...recovery(target, withoutHistory ? "current" : String(timeline), major),
    ...(archive ? [] : ["--archive-mode=off"]),
  ];
}

/** Without the action, the server pauses at the target and takes no writes. */
const promote = "--target-action=promote";

function recovery(target: ResolvedWish["target"], timeline: string, major: number): string[] {
  const along = `--target-timeline=${timeline}`;
  switch (target.kind) {
    case "latest":
      return ["--type=default", along];
    case "immediate":
      // pgBackRest refuses the option here. Along the newest timeline, PostgreSQL may not find the backup on its way.
      return ["--type=immediate", promote, setting("timeline", timeline)];
    case "lsn":
      // 2.33 does not know the type, and passes settings on.
      if (pgBackRestFeatures(major).release === "2.33") {
        return ["--type=default", along, setting("lsn", target.lsn), setting("action", "promote")];
      }
      return typed("lsn", target.lsn, along);
    case "time":
      return typed("time", asTarget(target.moment), along);
    case "xid":
      return typed("xid", String(target.xid), along);
    case "name":
      return typed("name", target.name, along);
  }
}

const typed = (type: string, value: string, along: string) => [
  ...[`--type=${type}`, `--target=${value}`, promote, along],
];

const setting = (name: string, value: string) =>
  `--recovery-option=recovery_target_${name}=${value}`;
