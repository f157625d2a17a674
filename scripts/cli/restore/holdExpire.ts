import { randomBytes } from "node:crypto";
import type { HoldExpireRequest } from "../../../contract/agentRequests";
import type { Session } from "../session";

/** A hold ends by itself after this time, so one of a killed command does no harm. */
const holdSeconds = 180;
const renewMs = 60_000;
/** No restore waits longer for an engine that vanished. */
const answerMs = 10_000;

/**
 * Keeps the agent from removing backups and WAL while a restore reads them. Where it cannot be asked, the work goes on
 * without that.
 */
export async function holdingExpire<T>(
  session: Pick<Session, "askBackups" | "terminal">,
  work: () => Promise<T>,
): Promise<T> {
  const id = randomBytes(8).toString("hex");
  const hold = (seconds: number) => {
    const request: HoldExpireRequest = { id, seconds };
    // Also after an interruption: it ends the restore, and then the hold.
    const limit = AbortSignal.timeout(answerMs);
    const late = new Promise<never>((_resolve, reject) =>
      limit.addEventListener("abort", () =>
        reject(new Error(`The agent did not answer within ${answerMs / 1000} s.`)),
      ),
    );
    return Promise.race([session.askBackups("hold-expire", { ...request }, limit), late]);
  };
  await hold(holdSeconds).catch(({ message }: Error) =>
    session.terminal.progress(`Backups may expire while they are restored: ${message}`),
  );
  let renewal: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    renewal = hold(holdSeconds).catch(() => undefined);
  }, renewMs).unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    // One that is under way would come after the end.
    await renewal;
    await hold(0).catch(() => undefined);
  }
}
