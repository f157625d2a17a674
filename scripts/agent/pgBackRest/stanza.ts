import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../kit/context";
import { retry } from "../kit/retry";
import { type CommandOptions, failureOf, pgBackRest, type Ran } from "./command";
import { exitCode } from "../../../contract/pgBackRestExits";

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

/** How the stanza is created. */
export interface StanzaOptions extends CommandOptions {
  /** The numbers of repositories that are left out, such as those that do not answer. */
  except?: readonly number[];
}

/**
 * Creates the stanza in every repository that does not have it. Where it is there already, nothing changes.
 *
 * @throws Failure when a repository belongs to another server
 */
export async function createStanza(
  context: Context,
  { except = [], ...options }: StanzaOptions = {},
): Promise<void> {
  // The command has no --repo, and ends at the first repository that it cannot use. So such a one is a folder
  // that is thrown away.
  const spare = await mkdtemp(join(tmpdir(), "laterbase-stanza-"));
  try {
    const elsewhere = except.flatMap((number) => [
      `--repo${number}-type=posix`,
      `--repo${number}-path=${join(spare, String(number))}`,
    ]);
    const ran = await withLock(context, ["stanza-create", ...elsewhere], options);
    if (ran.code !== 0) throw failureOf(ran);
  } finally {
    await rm(spare, { recursive: true, force: true });
  }
}
