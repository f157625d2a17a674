import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import type { Options } from "./flags";

/** Why a request is refused. */
export interface Refusal {
  status: 400 | 403 | 405;
  reason: string;
}

/** Undefined for an allowed request. The path is compared in the form that the engine will read. */
export function refusal(
  { rules }: Pick<Options, "rules">,
  method: string,
  target: string,
): Refusal | undefined {
  const path = pathOf(target);
  if (path === undefined) return { status: 400, reason: "bad request" };
  const allowed = rules.get(method);
  if (!allowed) return { status: 405, reason: "method not allowed" };
  if (allowed.some((rule) => rule.test(path))) return undefined;
  return { status: 403, reason: "path not allowed" };
}

/** The path, decoded and otherwise unchanged: a path that a rule does not match exactly is refused. */
function pathOf(target: string): string | undefined {
  const [, path] = /^(?:https?:\/\/[^/?#]*)?(\/[^?]*)/i.exec(target) ?? [];
  try {
    return path && decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Whether a client with this address is allowed. Names are looked up again, as addresses change. */
export async function isAllowed(allowFrom: readonly string[], address: string): Promise<boolean> {
  const client = address.replace(/^::ffff:(?=\d+\.)/, "");
  for (const entry of allowFrom) {
    if (await covers(entry.trim(), client)) return true;
  }
  return false;
}

async function covers(entry: string, client: string): Promise<boolean> {
  const [network = "", prefix] = entry.split("/");
  const family = isIP(network);
  if (prefix !== undefined && family) {
    const list = new BlockList();
    const type = family === 6 ? "ipv6" : "ipv4";
    list.addSubnet(network, Number(prefix), type);
    return isIP(client) === family && list.check(client, type);
  }
  const found = await lookup(entry, { all: true }).catch(() => []);
  return found.some((one) => one.address === client);
}
