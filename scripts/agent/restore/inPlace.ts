import type { Client } from "pg";
import type { Restored } from "../../../contract/agentReplies";
import type { Say } from "../kit/context";
import type { Login } from "./login";
import type { NameFirst } from "./nameFirst";
import type { Plan } from "./plan";
import { takeName } from "./takeName";
import { quoted } from "../../../contract/quoting";

/** What a restore has at hand. */
interface Replacing {
  login: Login;
  say: Say;
}

/** With `nameFirst`: how the empty database gets the name. */
export function takesName(
  { say }: Pick<Replacing, "say">,
  client: Client,
  { fresh, inPlace }: Plan,
  first: NameFirst,
) {
  const { target, kept } = inPlace ?? { target: fresh, kept: fresh };
  const take = () => {
    say(`${quoted(target)} accepts no connections from now on, until it is filled`);
    return first.take(client);
  };
  return { name: target, kept, take };
}

/** Lets clients in under the name that a filled database keeps, and returns it. */
export async function named(
  client: Client,
  { fresh, inPlace }: Plan,
  first: NameFirst | undefined,
  isComplete: boolean,
): Promise<string> {
  if (!first || !inPlace) return fresh;
  if (isComplete) await first.open(client);
  else await first.undo(client);
  return isComplete ? inPlace.target : fresh;
}

/**
 * In place: gives the restored database the name of the existing one. One that lacks something stays
 * beside it, unless that was accepted.
 */
export async function putInPlace(
  { login, say }: Replacing,
  client: Client,
  { fresh, inPlace }: Plan,
  first: NameFirst | undefined,
  isComplete: boolean,
): Promise<Pick<Restored, "database" | "replaced" | "notReplaced" | "lockedOut">> {
  if (!inPlace) return { database: fresh };
  const { target, kept } = inPlace;
  if (!isComplete) {
    const lockedOut = first ? { lockedOut: first.lockedOut() } : {};
    return { database: fresh, notReplaced: target, ...lockedOut };
  }
  if (first) return { database: target, replaced: { kept, ...first.lockedOut() } };
  say(`giving the restored database the name ${quoted(target)}`);
  const { evicted, seconds } = await takeName(login, client, { old: target, kept, fresh });
  return { database: target, replaced: { kept, evicted, seconds } };
}
