import { isUnknown, type Seen, type StackFacts, type StandbyFacts } from "./facts";
import { isBeginning } from "./notSeen";

const ofPrimary =
  /^(connections|archiving|cluster|transaction ids|settings of the primary|slot .+|database .+)$/s;
const ofServer = /^(?:text order|reports|disk|clock) of (.+)$/s;
const ofAgent =
  /^(scheduler|clocks|(dump|backup|disk of|repository) .+|dumps?|upload|check|verify|maintenance|drill|restore-dump|verify-dump|restore-point)$/s;

/**
 * Why a check that is missing could not be made. Undefined: it is missing because nothing is wrong, or because the stack
 * does not have what it is about. A new kind of check needs its line here, unless the monitor can always make it.
 */
export function unseen(name: string, facts: StackFacts): string | undefined {
  const { primary, standbys, agent, managed } = facts;
  const [, server] = ofServer.exec(name) ?? [];
  if (ofPrimary.test(name) || server === "primary") {
    if (isUnknown(primary)) return "the primary gives no answer";
    const silent = name === "disk of primary" && managed && !primary.disk;
    return silent ? "the primary's supervisor sends no report" : undefined;
  }
  const standby = server === undefined ? undefined : standbys[server];
  if (standby) return ofStandbyUnseen(name, server!, standby);
  if (agent === undefined || !ofAgent.test(name)) return undefined;
  if (isUnknown(agent)) return "the agent gives no answer";
  if (agent.problem !== undefined) return "the agent cannot work";
  const looksLater =
    agent.repositories === undefined && agent.jobs.some(({ name: job }) => /^backup /.test(job));
  const [, first] = /^(?:disk of )?repository (\d+)/.exec(name) ?? [];
  if (first === undefined) return undefined;
  if (looksLater) return "the agent has not looked at its repositories yet";
  const own = agent.repositories?.find(({ repository }) => repository === Number(first));
  const isAway = name.startsWith("disk ") && own?.problem !== undefined;
  return isAway ? `repository ${first} cannot be read` : undefined;
}

/**
 * Whether a monitor that has just started may not know yet how a check is: a server's supervisor has not reported, or no
 * message was tried. A server that never reports is early, too, so this counts for a minute only.
 */
export function isEarly(name: string, { primary, standbys, managed }: StackFacts): boolean {
  if (name === "messages") return true;
  const [, server = name] = /^(?:text order|reports|disk) of (.+)$/s.exec(name) ?? [];
  if (server === "primary" && !managed) return false;
  const seen = server === "primary" ? primary : standbys[server];
  return seen !== undefined && !seen.report;
}

function ofStandbyUnseen(
  name: string,
  standby: string,
  seen: Seen<StandbyFacts>,
): string | undefined {
  if (isUnknown(seen)) return `${standby} gives no answer`;
  const { report } = seen;
  if (!report || !/^(text order|disk) /.test(name)) return undefined;
  if (isUnknown(report)) return `the supervisor of ${standby} sends no report`;
  return isBeginning(report) ? `the supervisor of ${standby} begins` : undefined;
}
