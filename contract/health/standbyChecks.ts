import type { AgentOverview } from "../agentOverview";
import type { Advice, Check, Thresholds } from "./check";
import {
  isUnknown,
  type PrimaryFacts,
  type Seen,
  type StackFacts,
  type StandbyFacts,
} from "./facts";
import { bytes, duration } from "./figures";
import { needsPerson, notSeen, reported, supervisorCheck } from "./notSeen";

/** What is known besides the standby's own answer. */
interface Around {
  primary: PrimaryFacts | undefined;
  slot: string | undefined;
  /** The agent drills now, and a drill pauses replay. */
  drilled: boolean;
}

export function standbyChecks(facts: StackFacts, advice: Advice, thresholds: Thresholds): Check[] {
  const { primary, standbys, slots, agent } = facts;
  return Object.entries(standbys).flatMap(([name, standby]) => {
    const around = {
      primary: isUnknown(primary) ? undefined : primary,
      ...{ slot: slots[name], drilled: drills(agent) },
    };
    return [
      standbyCheck(name, standby, around, advice, thresholds),
      ...collationCheck(name, standby, advice),
      ...(isUnknown(standby) ? [] : supervisorCheck(name, standby.report, advice)),
    ];
  });
}

const drills = (agent: Seen<AgentOverview> | undefined) =>
  agent !== undefined && !isUnknown(agent) && agent.running.some(({ name }) => name === "drill");

/** What the primary says of a standby counts more than what the standby says: it knows what is missing there. */
function standbyCheck(
  name: string,
  standby: Seen<StandbyFacts>,
  { slot, primary, drilled }: Around,
  advice: Advice,
  { lagSeconds, lagBytes }: Thresholds,
): Check {
  const { operator } = advice;
  const logs = operator(`logs ${name}`);
  const rebuild = operator(`rebuild ${name}`);
  if (isUnknown(standby)) return notSeen(name, standby, advice);
  if (!standby.inRecovery) {
    const sentence = "It was promoted and follows no primary.";
    return { name, status: "failed", sentence, command: rebuild };
  }
  const stranger = strangerSentence(standby, primary);
  if (stranger) return { name, status: "failed", sentence: stranger, command: rebuild };
  const report = standby.report && !isUnknown(standby.report) ? standby.report : undefined;
  if (!standby.streaming) {
    if (report && needsPerson(report)) {
      const command = report.state === "blocked" ? rebuild : logs;
      return { name, status: "failed", sentence: reported(report), command };
    }
    const why = primary ? "" : ", and the primary could not be asked";
    const sentence = `Nothing streams to it${why}.`;
    return { name, status: primary ? "failed" : "degraded", sentence, command: logs };
  }
  const sent = primary?.replicas.find((one) => one.slot === slot);
  const behind = {
    bytes: sent?.bytes ?? 0,
    seconds: standby.lagSeconds ?? sent?.seconds ?? 0,
  };
  if (standby.paused) {
    const by = drilled ? " by a drill, for at most ten minutes" : "";
    const sentence = `Its replay is paused${by}; it is ${bytes(behind.bytes)} behind.`;
    const command = drilled ? undefined : (advice.resume?.(name) ?? logs);
    // A drill ends by itself. Otherwise a person has to act, as its supervisor and `npm start` say.
    const status = drilled ? "degraded" : "failed";
    return { name, status, sentence, ...(command ? { command } : {}) };
  }
  if (report && needsPerson(report)) {
    return { name, status: "failed", sentence: reported(report), command: logs };
  }
  const slow = behind.seconds >= lagSeconds;
  const late = slow || behind.bytes >= lagBytes;
  const measured =
    late && !slow
      ? ({ value: behind.bytes, unit: "bytes", threshold: lagBytes } as const)
      : ({ value: behind.seconds, unit: "seconds", threshold: lagSeconds } as const);
  return {
    name,
    status: late ? "degraded" : "good",
    sentence: sent
      ? `It streams; ${bytes(behind.bytes)} and ${duration(behind.seconds)} behind.`
      : "It streams.",
    ...measured,
    ...(late ? { command: logs } : {}),
  };
}

/** Whether its data belong to another cluster, or to a timeline that the primary has left. */
function strangerSentence(
  { systemIdentifier, timeline, streaming }: StandbyFacts,
  primary: PrimaryFacts | undefined,
): string | undefined {
  const other = primary?.systemIdentifier;
  if (systemIdentifier !== undefined && other !== undefined && systemIdentifier !== other)
    return `Its data belong to another cluster than the primary: its system identifier is ${systemIdentifier}, and the primary's is ${other}.`;
  const newest = primary?.timeline;
  // While it streams, it follows to the next timeline by itself.
  if (streaming || timeline === undefined || newest === undefined || timeline === newest)
    return undefined;
  return `It is on timeline ${timeline}, and the primary is on ${newest}.`;
}

/** What its supervisor reports of the order of text. */
interface Collation {
  order?: string;
}

function collationCheck(name: string, standby: Seen<StandbyFacts>, { up }: Advice): Check[] {
  const { report } = standby;
  if (!report || isUnknown(report)) return [];
  const { order } = (report.collation ?? {}) as Collation;
  const check = { name: `text order of ${name}` };
  switch (order) {
    case "verified":
      return [{ ...check, status: "good", sentence: "It sorts text as the primary does." }];
    case "unverified": {
      const sentence = "Nobody has checked yet whether its text indexes fit its order of text.";
      return [{ ...check, status: "degraded", sentence, command: up }];
    }
    case "differs": {
      const sentence =
        "It sorts text in another way than the primary, so it is a source of dumps only and never takes the primary's place.";
      return [{ ...check, status: "degraded", sentence, command: up }];
    }
    default:
      return [];
  }
}
