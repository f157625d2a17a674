import type { WebhookTarget } from "../../../../contract/health/config";
import type { HttpRequest } from "../kit/request";
import type { Message } from "./message";
import { cut, cutBytes, type Text, textOf } from "./text";

const json = { "content-type": "application/json" };

/** The request that brings a message to a target, as its service reads it. */
export function requestOf(target: WebhookTarget, message: Message, timeZone: string): HttpRequest {
  const text = textOf(message, timeZone);
  switch (target.kind) {
    case "webhook":
      return {
        ...{ url: target.url, method: "POST", body: JSON.stringify(webhookBody(message)) },
        headers: { ...json, "idempotency-key": message.id, ...bearer(target) },
      };
    case "slack":
      return post(target.url, slackBody(text));
    case "discord":
      return post(target.url, discordBody(text, message));
    case "ntfy":
      return {
        ...{ url: target.url, method: "POST", body: ntfyText(text) },
        headers: { ...ntfyHeaders(text, message), ...bearer(target) },
      };
    case "matrix":
      return {
        ...{ url: matrixUrl(target, message.id), method: "PUT" },
        body: JSON.stringify(matrixBody(text)),
        headers: { ...json, ...bearer(target) },
      };
  }
}

const post = (url: string, body: object): HttpRequest => ({
  ...{ url, method: "POST", headers: json, body: JSON.stringify(body) },
});

const bearer = ({ token }: WebhookTarget): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** Our own JSON. docs/health-messages.md describes it: fields may be added, and none is renamed. */
export function webhookBody(message: Message): object {
  const { id, event, stack, at, verdict, was, sentence, checks, more, others, instead } = message;
  return {
    ...{ id, event, stack, timestamp: at, status: verdict, was: was ?? null, sentence },
    checks: checks.map(({ name, status, was: before, sentence: said, since, ...rest }) => ({
      ...{ name, status, was: before, sentence: said, since: since ?? null },
      command: rest.command ?? null,
      lasted_seconds: rest.lastedSeconds ?? null,
      ...(rest.value === undefined ? {} : { value: rest.value }),
      ...(rest.unit === undefined ? {} : { unit: rest.unit }),
      ...(rest.threshold === undefined ? {} : { threshold: rest.threshold }),
    })),
    ...{ more, others, instead_of: instead?.messages ?? 1 },
  };
}

/** Slack cuts no text: it refuses what is longer. */
const slackMost = { header: 150, text: 3000 } as const;

/** The blocks are plain text, in which nothing is markup. `text` is what a notification shows. */
function slackBody({ title, lines }: Text): object {
  const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
  return {
    text: slackEscaped(title),
    blocks: [
      { type: "header", text: plain(cut(title, slackMost.header)) },
      { type: "section", text: plain(cut(lines.join("\n"), slackMost.text)) },
    ],
  };
}

/** Slack's three characters of control: without them there is no link and no `<!channel>`. */
const slackEscaped = (text: string) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const discordMost = { content: 2000, description: 4000 } as const;
const colours = { healthy: 0x2e7d32, degraded: 0xed9b00, unhealthy: 0xc62828 } as const;

function discordBody({ title, lines }: Text, { verdict }: Message): object {
  const description = cut(lines.map(discordEscaped).join("\n"), discordMost.description);
  return {
    content: cut(`**${discordEscaped(title)}**`, discordMost.content),
    embeds: [{ description: withoutHalf(description), color: colours[verdict] }],
    // No name of a database calls people.
    allowed_mentions: { parse: [] },
  };
}

/** Everything that Discord reads as markup, also a link and a mention. */
const discordEscaped = (text: string) => text.replace(/[\\`*_~|<>#@()[\]{}+\-.!:]/g, "\\$&");

/** A cut may have left a backslash that escapes nothing. */
const withoutHalf = (text: string) => text.replace(/(?<!\\)((?:\\\\)*)\\…$/, "$1…");

const ntfyMostBytes = 4000;

const ntfyText = ({ lines }: Text) => cutBytes(lines.join("\n"), ntfyMostBytes);

function ntfyHeaders({ title }: Text, { verdict, event }: Message): Record<string, string> {
  const priority = event === "test" ? 3 : { healthy: 3, degraded: 4, unhealthy: 5 }[verdict];
  const tags = { healthy: "white_check_mark", degraded: "warning", unhealthy: "rotating_light" };
  return {
    "content-type": "text/plain; charset=utf-8",
    title: headerValue(cut(title, 200)),
    priority: String(priority),
    tags: event === "test" ? "test_tube" : tags[verdict],
  };
}

/** A header holds ASCII. ntfy reads other text in the form of RFC 2047. */
export function headerValue(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("=?")) return text;
  return `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

/** The same transaction for each attempt: the server keeps one message of them. */
function matrixUrl({ url, room = "" }: WebhookTarget, id: string): string {
  const address = new URL(url);
  const base = address.pathname.replace(/\/+$/, "");
  address.pathname = `${base}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${id}`;
  return address.href;
}

function matrixBody({ title, lines }: Text): object {
  const body = cutBytes([title, "", ...lines].join("\n"), matrixMostBytes);
  const html = `<strong>${htmlEscaped(title)}</strong><br>${lines.map(htmlEscaped).join("<br>")}`;
  const formatted = { format: "org.matrix.custom.html", formatted_body: html };
  // A cut of HTML could end in a tag, so a long one goes as text alone.
  const short = Buffer.byteLength(html) <= matrixMostBytes;
  return { msgtype: "m.text", body, ...(short ? formatted : {}) };
}

/** An event may have 64 kB, with both texts in it. */
const matrixMostBytes = 20_000;

const htmlEscaped = (text: string) =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
