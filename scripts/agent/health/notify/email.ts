import { isIP } from "node:net";
import type { NodemailerError } from "nodemailer";
import type { EmailTarget } from "../../../../contract/health/config";
import { DeliveryFailure, failureOf } from "../kit/deliveryFailure";
import type { Message } from "./message";
import { textOf } from "./text";

/** Sends a message by e-mail. Returns a sentence where not every recipient gets it. */
export async function sendEmail(
  target: EmailTarget,
  message: Message,
  timeZone: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { host, port, security, user, password, from, to } = target;
  const { title, lines } = textOf(message, timeZone);
  // Loaded where it is used: most stacks send no e-mail.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    ...{ host, port, secure: security === "tls" },
    ...{ requireTLS: security === "starttls", ignoreTLS: security === "none" },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    tls: { rejectUnauthorized: true, ...(isIP(host) ? {} : { servername: host }) },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...{ dnsTimeout: timeoutMs, maxResponseSize: 64 * 1024 },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const end = () => transport.close();
  signal?.addEventListener("abort", end, { once: true });
  try {
    const sending = transport.sendMail({
      ...{ from, to, subject: title, text: `${lines.join("\n")}\n` },
      date: new Date(message.at),
      // The same for each attempt, so that a mailbox keeps one of them.
      messageId: `<${message.id}@${domainOf(from)}>`,
      headers: { "Auto-Submitted": "auto-generated" },
    });
    const { rejected } = await within(sending, timeoutMs * 2, signal);
    if (rejected.length === 0) return undefined;
    return `${rejected.length} of ${to.length} recipients were refused.`;
  } catch (error) {
    throw mailFailure(error);
  } finally {
    signal?.removeEventListener("abort", end);
    transport.close();
  }
}

/** The domain of an address such as `Laterbase <db@example.com>`. */
function domainOf(address: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(address)?.[1] ?? "laterbase.invalid";
}

/** A server that says a word now and then never ends by its silence. */
async function within<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(ms);
  const ended = signal ? AbortSignal.any([signal, limit]) : limit;
  const until = new Promise<never>((_, reject) => {
    const stop = () => reject(new DeliveryFailure("ETIMEDOUT"));
    if (ended.aborted) stop();
    else ended.addEventListener("abort", stop, { once: true });
  });
  work.catch(() => undefined);
  return Promise.race([work, until]);
}

/** By the server's code where it gave one, and else by the system's, for which nodemailer puts its own. */
function mailFailure(error: unknown): DeliveryFailure {
  const { code, originalCode, responseCode, permanent } = error as Partial<NodemailerError>;
  if (typeof responseCode === "number" && code !== "ETLS")
    return new DeliveryFailure(`SMTP ${responseCode}`, permanent === true);
  return failureOf(originalCode === undefined ? error : { code: originalCode });
}
