import pRetry from "p-retry";
import type { Client } from "ssh2";
import type { Context } from "../protocol/provider";
import { Authentication } from "./authentication";
import type { Connection } from "./connection";
import { handshake } from "./handshake";
import { parseHostKey } from "./hostKey";
import { openSocket } from "./socket";

/** The official plugin's pauses between dials, in milliseconds. */
export const backOff = { minTimeout: 100, factor: 1.5, maxTimeout: 5_000 };

/** Connects and logs in. Tries again until the limit of errors is passed; -1 means no limit. */
export async function dial(
  connection: Connection,
  ctx: Pick<Context, "status" | "signal">,
): Promise<Client> {
  const { dialErrorLimit: limit, hostKey: line } = connection;
  const hostKey = line === undefined ? undefined : parseHostKey(line);
  const authentication = await Authentication.of(connection);
  const attempt = async () => {
    const socket = await openSocket(connection, ctx.signal);
    return handshake(socket, connection.user, hostKey, authentication, ctx.signal);
  };
  try {
    return await pRetry(attempt, {
      ...backOff,
      retries: limit < 0 ? Infinity : Math.ceil(limit),
      signal: ctx.signal,
      onFailedAttempt: ({ attemptNumber, retriesLeft }) => {
        if (retriesLeft === 0) return;
        ctx.status(`Dial ${attemptNumber}/${limit === -1 ? "inf" : limit} failed: retrying`);
      },
    });
  } catch (error) {
    ctx.signal.throwIfAborted();
    throw new Error(`after ${limit} failed attempts: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
