import type { RestorePlan } from "../../../contract/restorePlan";
import type { KnownOutputs } from "../stack/outputs";
import { count, seconds, size } from "../terminal/format";
import { table } from "../terminal/table";

/** A plan with what it stops in this stack. */
export type ShownPlan = RestorePlan & { stops: string[] };

/** What a restore stops: a server beside the primary nothing; in place all that needs the primary. */
export function whatStops(
  { standbys = {}, pooler }: Pick<KnownOutputs, "standbys" | "pooler">,
  inPlace: boolean,
): string[] {
  if (!inPlace) return [];
  const names = Object.keys(standbys);
  return [
    "the primary, with every connection to it",
    ...(pooler ? ["the pooler's clients, which wait"] : []),
    ...names.map((name) => `the standby ${name}, which follows again afterwards`),
  ];
}

/** What follows a plan that is only shown. */
export const planOnly = "This is the plan. Nothing was changed.";

/** A plan for people. */
export function planText(plan: ShownPlan): string {
  const { repository, wal, stops, notes } = plan;
  const rows = [
    ["Target", targetWords(plan)],
    ["Repository", `${repository.number} (${repository.location})`],
    ["Backup", backup(plan)],
    ["WAL", `${wal.from} to ${wal.to}, ${count(wal.segments, "segment")}`],
    ["Timeline", plan.through.join(", then ")],
    ["Reads", `${size(plan.set.bytes)} of data and ${size(wal.bytes)} of stored WAL`],
    ["Takes", duration(plan)],
    ["Stops", stops.length === 0 ? "nothing" : stops.join("; ")],
  ];
  return [table(rows), ...notes].join("\n");
}

/** The state that a restore goes to, in words. */
export function targetWords({
  target: { kind, value, words },
  reaches,
}: Pick<RestorePlan, "target" | "reaches">): string {
  const at = reaches?.words === undefined ? "" : `, of ${reaches.words}`;
  switch (kind) {
    case "latest":
      return `everything that is archived${reaches ? `: the last transaction is at ${reaches.lsn}${at}` : ""}`;
    case "immediate":
      return "the end of the backup";
    case "time":
      return words ?? value ?? "";
    case "xid":
      return `after transaction ${words ?? value}${at}`;
    case "lsn":
      return `the LSN ${value}`;
    case "name":
      return `the restore point "${value}"${at}`;
  }
}

function backup({ set: { label, type, ended, standsOn } }: RestorePlan): string {
  const below = standsOn.length === 0 ? "" : `; it stands on ${standsOn.join(" and ")}`;
  return `${label}: ${type}, ended at ${ended}${below}`;
}

function duration({ estimate }: RestorePlan): string {
  if (!estimate) return "not known yet: no run shows it";
  const by =
    estimate.by === "restores" ? "by past restores" : "by past full backups, and the replay";
  return `about ${seconds(estimate.seconds)}, ${by}`;
}
