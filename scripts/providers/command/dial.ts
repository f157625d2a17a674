import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "ssh2";
import type { Context } from "../protocol/provider";
import { Authentication } from "./authentication";
import type { Connection } from "./connection";
import { handshake } from "./handshake";
import { parseHostKey } from "./hostKey";
import { openSocket } from "./socket";

const FIRST_DELAY_MS = 100;
const BACK_OFF = 1.5;
const MAX_DELAY_MS = 5_000;

/** Connects and logs in, again and again until the limit of errors is passed. */
export async function dial(
  connection: Connection,
  ctx: Pick<Context, "status" | "signal">,
): Promise<Client> {
  const { dialErrorLimit: limit, hostKey: line } = connection;
  const hostKey = line === undefined ? undefined : parseHostKey(line);
  const authentication = await Authentication.of(connection);
  for (let tries = 0; ; tries++) {
    try {
      const socket = await openSocket(connection, ctx.signal);
      return await handshake(socket, connection.user, hostKey, authentication, ctx.signal);
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (limit > -1 && tries >= limit) {
        const { message } = error as Error;
        throw new Error(`after ${tries} failed attempts: ${message}`, { cause: error });
      }
      ctx.status(`Dial ${tries + 1}/${limit === -1 ? "inf" : limit} failed: retrying`);
    }
    await sleep(delayMs(tries), undefined, { signal: ctx.signal });
  }
}

/** The pause after the given try, which is counted from 0. */
export function delayMs(tries: number): number {
  return Math.min(FIRST_DELAY_MS * BACK_OFF ** tries, MAX_DELAY_MS);
}
