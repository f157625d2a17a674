import type { DiscardedTimeline } from "../../../../contract/agentReplies";
import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import type { Session } from "../../session";
import { openedTimeline } from "./check";
import { type Followed, letFollow } from "./follow";
import { Outage } from "./outage";
import type { Place } from "./place";
import type { VolumeState } from "./volume";

/** What an undo came to. */
export interface PutBack {
  standbys: Followed;
  /** The timeline that the restored server had opened. Absent: it opened none. */
  timeline?: number;
  /** What became of it in each repository. */
  repositories: DiscardedTimeline[];
  /** How long the pooler's clients waited. */
  pausedSeconds?: number;
}

/** Puts the data from before back, and starts the primary on them. */
export async function putBackStep(place: Place, seen: VolumeState, outage: Outage): Promise<void> {
  const { server, standbys, volume } = place;
  const known = journalOf(seen);
  const names = [...new Set([...known.standbys, ...standbys.keys()])];
  try {
    await outage.begin(names);
    // A server that was stopped has opened all that it ever will.
    const { timeline, timelineBefore, folders } = await volume.look();
    const opened = folders.before
      ? openedTimeline(known, timeline, timelineBefore)
      : openedTimeline(known, undefined, undefined);
    const journal: InPlaceJournal = {
      ...known,
      standbys: names,
      away: Object.fromEntries(outage.away),
      ...(opened === undefined ? {} : { reached: { ...known.reached, timeline: opened } }),
    };
    await volume.putBack(journal);
    await server.start((turn) => place.say(`${server.name}: ${turn}`));
  } finally {
    await outage.end();
  }
}

/** Lets standbys and repositories follow the data that were put back. Then nothing of the restore is left. */
export async function tidyStep(
  place: Place,
  journal: InPlaceJournal,
  outage: Outage = new Outage(place),
): Promise<PutBack> {
  const { server, session, volume } = place;
  await server.start((turn) => place.say(`${server.name}: ${turn}`));
  // The agent may be away for long, and the standbys do not need it.
  const away = new Map(Object.entries(journal.away ?? {}));
  const standbys = await letFollow(place, journal.standbys, away);
  await volume.note({ ...journal, away: Object.fromEntries(away) });
  const timeline = journal.reached?.timeline;
  const repositories = timeline === undefined ? [] : await discard(place, timeline);
  session.stopIfInterrupted(`'${session.command("restore --undo")}' goes on`);
  if (repositories.every(isClean)) await volume.clear();
  const { pausedSeconds } = outage;
  return {
    standbys,
    ...(timeline === undefined ? {} : { timeline }),
    repositories,
    ...(pausedSeconds === undefined ? {} : { pausedSeconds }),
  };
}

export const isClean = ({ problem }: DiscardedTimeline) => problem === undefined;

/** What the operator should know or do after it, one sentence each. */
export function notesOf(session: Session, { standbys, timeline, repositories }: PutBack): string[] {
  return [
    ...Object.values(standbys.not),
    ...repositories.flatMap(({ repository, problem }) =>
      problem === undefined
        ? []
        : [
            `Timeline ${timeline} is still in repository ${repository}: ${problem} '${session.command("restore --undo")}' goes on.`,
          ],
    ),
    ...repositories.flatMap(({ repository, kept }) =>
      kept.length === 0
        ? []
        : [
            `Repository ${repository} still has ${kept.join(", ")}, which cannot be restored any more: the next full backup lets it go.`,
          ],
    ),
  ];
}

/**
 * Takes a timeline out of every repository. Where its full backup is the newest one, pgBackRest removes it only when
 * there is another: so that one is made first.
 */
async function discard(place: Place, timeline: number): Promise<DiscardedTimeline[]> {
  const { session, say } = place;
  say(`Removing timeline ${timeline} from the repositories.`);
  const ask = () => session.askBackups<DiscardedTimeline[]>("discard-timeline", { timeline });
  const first = await ask().catch((error: Error) => notAsked(place, error));
  const needed = first.filter(({ kept }) => kept.length > 0);
  if (needed.length === 0) return first;
  for (const { repository, kept } of needed) {
    say(`Repository ${repository}: ${kept.join(", ")} goes when there is a new full backup.`);
    await session
      .askBackups("backup", { type: "full", trigger: "operator", repo: repository })
      .catch(({ message }: Error) => say(`Repository ${repository}: ${message}`));
  }
  const second = await ask().catch(({ message }: Error) =>
    first.map((one) => ({ ...one, expired: [], problem: one.problem ?? sentence(message) })),
  );
  return second.map((one) => {
    const before = first.find(({ repository }) => repository === one.repository);
    return { ...one, expired: [...(before?.expired ?? []), ...one.expired] };
  });
}

/** The same where the agent did not answer. */
async function notAsked({ session }: Place, error: Error): Promise<DiscardedTimeline[]> {
  const { backups } = await session.stackOutputs();
  const numbers = (backups?.repositories ?? []).map(({ number }) => number);
  // Without a repository, the sentence says that there is none.
  if (numbers.length === 0) throw error;
  const problem = sentence(error.message);
  return numbers.map((repository) => ({ repository, files: 0, expired: [], kept: [], problem }));
}

const sentence = (words: string) => words.replace(/\.?$/, ".");

/** Takes back a restore that has not touched the primary's data. */
export async function abandonStep(place: Place, seen: VolumeState): Promise<Followed> {
  const { server, volume } = place;
  const journal = journalOf(seen);
  // A primary that had no data has none now.
  const runs = seen.folders.live !== "none";
  if (runs) await server.start((turn) => place.say(`${server.name}: ${turn}`));
  const names = runs ? journal.standbys : [];
  const standbys = await letFollow(place, names, new Map(Object.entries(journal.away ?? {})));
  await volume.clear();
  return standbys;
}

/** The journal; without one, what the folders say. */
export function journalOf({ journal, timelineBefore }: VolumeState): InPlaceJournal {
  if (journal !== undefined && journal !== "unreadable") return journal;
  return {
    version: 1,
    phase: "restored-and-kept",
    startedAt: new Date().toISOString(),
    delta: false,
    options: {},
    plan: {
      ...{ target: "a state that no journal names", kind: "latest", repository: 1, set: "unknown" },
      ...{ timeline: timelineBefore ?? 1, bytes: 0, wal: "", words: ["restore"] },
    },
    standbys: [],
  };
}
