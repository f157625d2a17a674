import type { CheckStatus } from "../../../../contract/health/check";
import { duration } from "../../../../contract/health/figures";
import { visible } from "../../../../contract/visible";
import { type Changed, isGood, type Message } from "./message";

/** A message as plain text. Each format escapes it for itself. */
export interface Text {
  /** One line. */
  title: string;
  lines: string[];
}

const words: Readonly<Record<CheckStatus, string>> = {
  failed: "FAILED",
  degraded: "DEGRADED",
  unknown: "UNKNOWN",
  pending: "GOOD",
  good: "GOOD",
};

/** @param timeZone the IANA time zone of the times in it */
export function textOf(message: Message, timeZone: string): Text {
  const lines = linesOf(message, timeZone);
  return { title: visible(titleOf(message)), lines: lines.map(visible) };
}

function titleOf({ event, stack, verdict, was }: Message): string {
  if (event === "test") return `Laterbase ${stack}: a test message`;
  const still = event === "reminder" || (was === verdict && verdict !== "healthy");
  const again = verdict === "healthy" && was !== undefined && was !== "healthy";
  return `Laterbase ${stack} is ${still ? "still " : ""}${verdict}${again ? " again" : ""}`;
}

function linesOf(message: Message, timeZone: string): string[] {
  const { sentence, checks, more, others, instead } = message;
  const instance = instead
    ? `This one stands for ${instead.messages} messages since ${moment(instead.since, timeZone)}: they could not be sent.`
    : undefined;
  return [
    sentence,
    ...checks.flatMap((check) => ["", ...checkLines(check, timeZone)]),
    ...(more > 0 ? ["", `${more} more changed.`] : []),
    ...(others.length > 0
      ? [
          "",
          `Also not good: ${others.map(({ name, status }) => `${name} (${status})`).join(", ")}.`,
        ]
      : []),
    ...(instance ? ["", instance] : []),
  ];
}

function checkLines(check: Changed, timeZone: string): string[] {
  const { name, status, since, lastedSeconds, sentence, command, unsteady } = check;
  const lasted = lastedSeconds === undefined ? "" : ` after ${duration(lastedSeconds)}`;
  const head = isGood(status)
    ? `GOOD AGAIN${lasted}: ${name}`
    : `${words[status]}${since === undefined ? "" : ` since ${moment(since, timeZone)}`}: ${name}`;
  return [
    head,
    sentence,
    ...(command === undefined || isGood(status) ? [] : [command]),
    ...(unsteady
      ? ["It changes often. The next message about it comes when it was the same for 15 minutes."]
      : []),
  ];
}

/** `2026-11-30 12:03 Europe/London`. */
function moment(iso: string, timeZone: string): string {
  const options = { dateStyle: "short", timeStyle: "short", timeZone } as const;
  return `${new Intl.DateTimeFormat("sv-SE", options).format(new Date(iso))} ${timeZone}`;
}

/** At most so many characters, and none of them in half. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, most - 1);
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** The same by bytes of UTF-8. */
export function cutBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const room = most - Buffer.byteLength("…");
  let kept = "";
  let used = 0;
  for (const char of text) {
    used += Buffer.byteLength(char);
    if (used > room) break;
    kept += char;
  }
  return `${kept}…`;
}
