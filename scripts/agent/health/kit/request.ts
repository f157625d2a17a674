import { DeliveryFailure, failureOf } from "./deliveryFailure";

export interface HttpRequest {
  url: string;
  method: "GET" | "POST" | "PUT";
  headers: Record<string, string>;
  body?: string;
}

/** A day: who asks for more is not believed. */
const longestMs = 86_400_000;

/**
 * Sends a request, and reads nothing of the answer but its status. It follows no redirect: a secret would go to where
 * the answer says.
 *
 * @throws DeliveryFailure for every answer but 2xx
 */
export async function request(
  { url, method, headers, body }: HttpRequest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const address = new URL(url);
    // fetch refuses a login in an address.
    const login = loginOf(address);
    address.username = "";
    address.password = "";
    const response = await fetch(address, {
      ...{ method, redirect: "manual" },
      headers: {
        ...{ "user-agent": "laterbase" },
        ...(login ? { authorization: login } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    await response.body?.cancel();
    if (response.ok) return;
    const { status } = response;
    const after = retryAfter(response.headers.get("retry-after"));
    throw new DeliveryFailure(`HTTP ${status}`, isRefusal(status), after);
  } catch (error) {
    throw failureOf(error);
  }
}

/** Whether the same request would be refused again. A redirect is, because it is not followed. */
function isRefusal(status: number): boolean {
  return status >= 300 && status < 500 && ![408, 425, 429].includes(status);
}

function loginOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

/** Milliseconds of `Retry-After`: seconds, also with a fraction, or a date. */
export function retryAfter(value: string | null, now = Date.now()): number {
  if (value === null) return 0;
  const seconds = /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
  const wait = seconds === undefined ? Date.parse(value) - now : seconds * 1000;
  return Number.isFinite(wait) ? Math.min(Math.max(0, wait), longestMs) : 0;
}
