import type { NotifyTarget } from "../../../../contract/health/config";
import { request } from "../kit/request";
import { sendEmail } from "./email";
import { requestOf } from "./formats";
import type { Message } from "./message";

/** What a target is called: its address may be secret. */
export function targetName({ kind }: NotifyTarget, index: number): string {
  return `notify ${index + 1} (${kind})`;
}

/** Brings one message to a target. @throws DeliveryFailure */
export async function send(
  target: NotifyTarget,
  message: Message,
  timeZone: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (target.kind === "email") return sendEmail(target, message, timeZone, timeoutMs, signal);
  await request(requestOf(target, message, timeZone), timeoutMs, signal);
  return undefined;
}
