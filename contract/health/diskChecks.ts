import type { AgentOverview, DiskFacts } from "../agentOverview";
import type { Advice, Check, Thresholds } from "./check";
import { isUnknown, type Seen, type StackFacts } from "./facts";
import { bytes, percentOf } from "./figures";

const day = 86_400_000;

/** The room of each file system, and the day on which it is full by its growth of the last week. */
export function diskChecks(
  facts: StackFacts,
  { operator }: Advice,
  { diskFreePercent, diskFailedPercent, diskDays }: Thresholds,
): Check[] {
  return disksIn(facts).map(({ holds, bytes: all, free }) => {
    const name = `disk of ${holds}`;
    const percent = percentOf(free, all);
    const growth = facts.growth?.[holds] ?? 0;
    const days = growth > 0 ? free / growth : undefined;
    const soon = days !== undefined && days < diskDays;
    const status =
      percent < diskFailedPercent
        ? "failed"
        : percent < diskFreePercent || soon
          ? "degraded"
          : "good";
    const full =
      days !== undefined && days < 400
        ? ` At the growth of the last week it is full on ${new Date(Date.parse(facts.at) + days * day).toISOString().slice(0, 10)}.`
        : "";
    const short = percent < diskFreePercent;
    return {
      ...{ name, status },
      sentence: `${bytes(free)} of ${bytes(all)} are free (${percent} %).${full}`,
      ...(soon && !short
        ? { value: Math.floor(days), unit: "days", threshold: diskDays }
        : { value: percent, unit: "percent", threshold: diskFreePercent }),
      ...(status === "good" ? {} : { command: roomOn(holds, operator) }),
    };
  });
}

/** What shows the largest things there that may go. */
function roomOn(holds: string, operator: Advice["operator"]): string {
  if (/\bdumps\b/.test(holds)) return operator("list-dumps");
  if (/\brepositor(?:ies|y)\b/.test(holds)) return operator("list-backups");
  return operator("status");
}

/**
 * The file systems that were seen, by who sees them. Two servers may share one, and nothing tells for sure, so each has
 * its own: what is found by figures would be another thing at the next look.
 */
export function disksIn({ primary, standbys, agent }: StackFacts): DiskFacts[] {
  const servers = Object.entries({ primary, ...standbys }).flatMap(([holds, server]) => {
    // A full disk ends a server, and then its supervisor still says how full it is.
    if (isUnknown(server)) return server.report ? [{ holds, ...server.report.disk }] : [];
    return server.disk ? [server.disk] : [];
  });
  const own: Seen<AgentOverview> | undefined = agent;
  return [...servers, ...(own === undefined || isUnknown(own) ? [] : own.disks)];
}

/** The same for a table that people read: those that are as large and as full as each other are one line. */
export function disksTogether(facts: StackFacts): DiskFacts[] {
  const found: DiskFacts[] = [];
  for (const disk of disksIn(facts)) {
    // Containers of one machine share its file systems, and are asked at nearly the same moment.
    const same = ({ bytes: size, free }: DiskFacts) =>
      size === disk.bytes && Math.abs(free - disk.free) <= size / 100;
    const at = found.findIndex(same);
    if (at < 0) found.push(disk);
    else found[at] = { ...found[at]!, holds: `${found[at]!.holds}, ${disk.holds}` };
  }
  return found;
}
