import { asTarget } from "../../../../contract/pgTime";
import type { ResolvedWish } from "./facts";

/** What a plan has chosen. */
export interface Chosen {
  repository: number;
  set: string;
  timeline: number;
  target: ResolvedWish["target"];
}

/**
 * The words after `pgbackrest` for a restore. They always name repository, backup and timeline, so that pgBackRest and
 * PostgreSQL choose nothing by themselves: their choice may lie after the target, or on a stray timeline.
 *
 * @param archive whether the restored server archives. One beside the primary must not push into its archive.
 */
export function restoreArguments(
  { repository, set, timeline, target }: Chosen,
  { archive = false }: { archive?: boolean } = {},
): string[] {
  return [
    "restore",
    `--repo=${repository}`,
    `--set=${set}`,
    ...targetWords(target),
    // With `immediate` there is nothing to follow, and older versions refuse the option.
    ...(target.kind === "immediate" ? [] : [`--target-timeline=${timeline}`]),
    ...(archive ? [] : ["--archive-mode=off"]),
  ];
}

function targetWords(target: ResolvedWish["target"]): string[] {
  if (target.kind === "latest") return ["--type=default"];
  // Without it the server pauses, and takes no writes.
  const promote = "--target-action=promote";
  if (target.kind === "immediate") return ["--type=immediate", promote];
  return [`--type=${target.kind}`, `--target=${valueOf(target)}`, promote];
}

/** The value of a target, as pgBackRest and PostgreSQL read it. */
function valueOf(target: Exclude<ResolvedWish["target"], { kind: "latest" | "immediate" }>): string {
  switch (target.kind) {
    case "time":
      return asTarget(target.moment);
    case "xid":
      return String(target.xid);
    case "lsn":
      return target.lsn;
    case "name":
      return target.name;
  }
}
