import { connect } from "../../../engine/connect";
import type { Located } from "../../stack/outputs";
import { upCommand } from "../../stack/outputs";
import type { Place } from "./place";
import { startStandby, stopStandby, untilFollowing } from "./standbys";

/** What became of the standbys. */
export interface Followed {
  /** Those that stream from a new clone. */
  following: string[];
  /** The others, each with a sentence on what to do. */
  not: Record<string, string>;
}

/**
 * Starts the standbys, which make their new clones, and waits until each follows.
 *
 * @param away the standbys that could not be stopped, which is tried again; it keeps those that still cannot
 * @param otherLogins the logins that are not as they were before the restore: a standby with one of them cannot connect
 */
export async function letFollow(
  place: Place,
  names: readonly string[],
  away: Map<string, string>,
  otherLogins: readonly string[] = [],
): Promise<Followed> {
  const followed: Followed = { following: [], not: {} };
  const one = async (name: string) => {
    const standby = place.standbys.get(name);
    if (!standby) return;
    const problem = await problemOf(place, { name, standby, away, otherLogins });
    if (problem === undefined) followed.following.push(name);
    else followed.not[name] = problem;
  };
  await Promise.all(names.map(one));
  return followed;
}

interface OneStandby {
  name: string;
  standby: Located;
  away: Map<string, string>;
  otherLogins: readonly string[];
}

async function problemOf(
  { session, turnOf }: Place,
  { name, standby, away, otherLogins }: OneStandby,
): Promise<string | undefined> {
  const rebuild = session.command(`rebuild ${name} --discard-first`);
  if (away.has(name)) await stopAgain(name, standby, away);
  const notStopped = away.get(name);
  if (notStopped !== undefined) {
    return `${standby.name} could not be stopped (${notStopped}), and may hold rows that were undone: when it answers, '${rebuild}' makes it again.`;
  }
  try {
    await startStandby(standby);
    const login = await loginOf(standby);
    if (login !== undefined && otherLogins.includes(login)) {
      return `${standby.name} cannot log in, because the role ${login} is as it was then: '${upCommand(session.stack)}' sets it, and the standby then makes its clone by itself.`;
    }
    await session.unlessInterrupted(
      untilFollowing(standby, turnOf(standby.name)),
      `${standby.name} goes on with its new clone`,
    );
    return undefined;
  } catch (error) {
    session.stopIfInterrupted(`${standby.name} goes on with its new clone`);
    return `${standby.name} does not follow: ${(error as Error).message}. It goes on trying; '${rebuild}' shows how.`;
  }
}

/** Its data are from before, so it is never started on them. */
async function stopAgain(name: string, standby: Located, away: Map<string, string>) {
  await stopStandby(standby).then(
    () => away.delete(name),
    ({ message }: Error) => away.set(name, message),
  );
}

/** The role by which a standby connects to its primary. */
async function loginOf({ name, host }: Located): Promise<string | undefined> {
  const { Config } = await connect({ host }).getContainer(name).inspect();
  const key = "REPLICATION_USER=";
  return Config.Env.find((one) => one.startsWith(key))?.slice(key.length);
}
