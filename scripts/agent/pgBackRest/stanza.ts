import type { Context } from "../kit/context";
import { retry } from "../kit/retry";
import { type CommandOptions, failureOf, pgBackRest, type Ran } from "./command";
import { exitCode } from "./exitCodes";

/** How long a command waits for another one of this container. */
const lockPatienceMs = 5 * 60_000;
const againMs = 5000;

class LockHeld extends Error {
  constructor(readonly ran: Ran) {
    super("another command holds the lock");
  }
}

/** Runs a command that needs the lock of this container, which another one may hold. */
export async function withLock(
  context: Context,
  words: readonly string[],
  options: CommandOptions & { say?: (progress: string) => void } = {},
): Promise<Ran> {
  const { say, ...own } = options;
  const attempt = async () => {
    const ran = await pgBackRest(context, words, own);
    if (ran.code === exitCode.lockHeld) throw new LockHeld(ran);
    return ran;
  };
  let said = false;
  const onFailure = () => {
    if (!said) say?.("waiting for another pgBackRest command of this container");
    said = true;
  };
  const retriable = (error: unknown) => error instanceof LockHeld;
  const { signal } = own;
  const waiting = { every: againMs, within: lockPatienceMs, retriable, onFailure };
  try {
    return await retry(attempt, { ...waiting, ...(signal ? { signal } : {}) });
  } catch (error) {
    if (error instanceof LockHeld) return error.ran;
    throw error;
  }
}

/**
 * Creates the stanza in every repository that does not have it. Where it is there already, nothing changes;
 * after an upgrade of PostgreSQL the new version is added.
 *
 * @param upgrade whether the repositories know an older major of this server
 * @throws Failure when a repository belongs to another server
 */
export async function createStanza(
  context: Context,
  { upgrade = false, ...options }: CommandOptions & { upgrade?: boolean } = {},
): Promise<void> {
  const ran = await withLock(context, [upgrade ? "stanza-upgrade" : "stanza-create"], options);
  if (ran.code !== 0) throw failureOf(ran);
}
