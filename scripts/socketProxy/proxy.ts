import type { IncomingMessage } from "node:http";
import type { ProxyRules } from "../../contract/socketProxy";
import { type Call, callOf } from "./calls";
import { isClient } from "./clients";
import type { Execs } from "./execs";

export interface ProxyOptions {
  rules: ProxyRules;
  /** The engine's socket. */
  socketPath: string;
  /** The seconds in which a request has to be complete. */
  requestSeconds?: number;
}

/** What the handlers of one proxy share. */
export type Proxy = Required<ProxyOptions> & { execs: Execs };

/** A request that is refused: the answer's status, and the reason for the log. */
export class Refused extends Error {
  constructor(
    reason: string,
    readonly status = 403,
  ) {
    super(reason);
  }
}

/**
 * The call that a request of the client is.
 *
 * @throws Refused for another client, and for another request
 */
export async function checked({ rules }: Proxy, message: IncomingMessage): Promise<Call> {
  const { method = "", url = "", socket, headers } = message;
  if (!(await isClient(rules.client, socket.remoteAddress ?? "")))
    throw new Refused("only the scheduler may call");
  const call = callOf(method, url);
  if (!call) throw new Refused("the call is not allowed");
  if (headers["transfer-encoding"] !== undefined) throw new Refused("its length is not announced");
  return call;
}
