import { asIso, inBoth, microsOf } from "../../../../contract/pgTime";
import type { PlannedSet, RestorePlan } from "../../../../contract/restorePlan";
import { xidWords } from "../../../../contract/restoreTarget";
import type { Backup } from "../info";
import type { WalPlace } from "./facts";
import { type Asked, targetWords } from "./refusals";

export function targetOf({ wish, stack }: Asked): RestorePlan["target"] {
  const { target } = wish;
  switch (target.kind) {
    case "time": {
      const { moment } = target;
      return { kind: "time", value: asIso(moment), words: inBoth(moment, stack.timeZone) };
    }
    case "xid":
      return {
        ...{ kind: "xid", value: String(target.xid) },
        ...(target.full === undefined ? {} : { words: xidWords(target) }),
      };
    case "lsn":
      return { kind: "lsn", value: target.lsn };
    case "name":
      return { kind: "name", value: target.name };
    default:
      return { kind: target.kind };
  }
}

export function plannedSet(set: Backup, { repository, stack }: Asked): PlannedSet {
  const { label, type, endedAt, bytes } = set;
  const ended = inBoth(microsOf(endedAt), stack.timeZone);
  return { label, type, endedAt, ended, bytes, standsOn: standsOn(set, repository.backups) };
}

/** The backups below one, the full one first. */
function standsOn({ prior }: Backup, backups: readonly Backup[]): string[] {
  const below = backups.find(({ label }) => label === prior);
  return below ? [...standsOn(below, backups), below.label] : [];
}

export const reached = ({ lsn, at }: WalPlace, { stack }: Asked) => ({
  lsn,
  ...(at === undefined ? {} : { at: asIso(at), words: inBoth(at, stack.timeZone) }),
});

export function notes(asked: Asked, set: Backup, place: WalPlace | undefined): string[] {
  const { repository, wish, stack, timeline } = asked;
  const { kind } = wish.target;
  const faults = [
    ...(set.pageErrors ? [`The backup ${set.label} holds pages whose checksum is wrong.`] : []),
    ...(repository.invalid.includes(set.label)
      ? [`The last verify calls the backup ${set.label} invalid, and there is no better one.`]
      : []),
  ];
  const unread = kind !== "latest" && kind !== "immediate" && !place;
  return [
    ...faults,
    ...(stack.timeline !== undefined && stack.timeline !== timeline
      ? [`The primary is on timeline ${stack.timeline}, and this goes along timeline ${timeline}.`]
      : []),
    ...(unread
      ? [`Whether ${targetWords(wish, stack)} is in the WAL shows when it is replayed.`]
      : []),
  ];
}
