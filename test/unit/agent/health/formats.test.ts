import { type WebhookTarget } from "../../../../contract/health/config";
import { headerValue, requestOf } from "../../../../scripts/agent/health/notify/formats";
import { type Message, messageOf, together } from "../../../../scripts/agent/health/notify/message";
import { cut, cutBytes, textOf } from "../../../../scripts/agent/health/notify/text";
import { at, later } from "../../../support/healthSnapshot";

const url = "https://hooks.example.com/T0/secret?x=1";
const hostile = 'disk of <!channel> @everyone **b** `c` & "d"\r\nX-Injected: 1 \u202e[l](http://e)';

const message = messageOf({
  ...{ event: "change", stack: "dev", at, verdict: "unhealthy", was: "healthy" },
  sentence: "Not everything works: standby.",
  checks: [
    {
      ...{ name: "dump", status: "good", was: "failed", sentence: "The last one ended 3 s ago." },
      ...{ since: later(-720), lastedSeconds: 720, command: "npm run laterbase -- dump" },
    },
    {
      ...{ name: "standby", status: "failed", was: "good", sentence: "Nothing streams to it." },
      ...{ since: later(-60), command: "npm run laterbase -- logs standby" },
      ...{ value: 61, unit: "seconds", threshold: 60 },
    },
  ],
  others: [{ name: "pooler", status: "degraded" }],
});
const strange: Message = { ...message, checks: [{ ...message.checks[0]!, name: hostile }] };

const sent = (target: Partial<WebhookTarget>, one: Message = message) => {
  const all = { url, ...target } as WebhookTarget;
  const { body = "", ...request } = requestOf(all, one, "Europe/London");
  return { ...request, body };
};
const jsonOf = (target: Partial<WebhookTarget>, one?: Message) =>
  JSON.parse(sent(target, one).body) as Record<string, unknown>;

const lines = [
  "Not everything works: standby.",
  "",
  "FAILED since 2026-11-30 11:59 Europe/London: standby",
  "Nothing streams to it.",
  "npm run laterbase -- logs standby",
  "",
  "GOOD AGAIN after 12 min: dump",
  "The last one ended 3 s ago.",
  "",
  "Also not good: pooler (degraded).",
];

it("as text it says what is wrong, since when, what to run, and what is good again", () => {
  expect(textOf(message, "Europe/London")).toEqual({
    title: "Laterbase dev is unhealthy",
    lines,
  });
});

it.each([
  [{ verdict: "healthy", was: "unhealthy" }, "Laterbase dev is healthy again"],
  [{ verdict: "degraded", was: undefined }, "Laterbase dev is degraded"],
  [{ verdict: "unhealthy", was: "unhealthy" }, "Laterbase dev is still unhealthy"],
  [{ verdict: "healthy", was: "healthy" }, "Laterbase dev is healthy"],
  [{ event: "reminder", verdict: "degraded", was: "degraded" }, "Laterbase dev is still degraded"],
  [{ event: "test" }, "Laterbase dev: a test message"],
] as [Partial<Message>, string][])("the title of %j", (parts, title) => {
  expect(textOf({ ...message, ...parts }, "Etc/UTC").title).toBe(title);
});

it("webhook: our own JSON, with the message's identity and the token", () => {
  expect(sent({ kind: "webhook", token: "t0k" })).toMatchObject({
    ...{ url, method: "POST" },
    headers: {
      ...{ "content-type": "application/json", authorization: "Bearer t0k" },
      "idempotency-key": message.id,
    },
  });
  expect(jsonOf({ kind: "webhook" })).toEqual({
    ...{ id: message.id, event: "change", stack: "dev", timestamp: at },
    ...{ status: "unhealthy", was: "healthy", sentence: "Not everything works: standby." },
    checks: [
      {
        ...{ name: "standby", status: "failed", was: "good", sentence: "Nothing streams to it." },
        ...{ since: later(-60), command: "npm run laterbase -- logs standby" },
        ...{ lasted_seconds: null, value: 61, unit: "seconds", threshold: 60 },
      },
      {
        ...{ name: "dump", status: "good", was: "failed" },
        sentence: "The last one ended 3 s ago.",
        ...{ since: later(-720), command: "npm run laterbase -- dump", lasted_seconds: 720 },
      },
    ],
    ...{ more: 0, others: [{ name: "pooler", status: "degraded" }], instead_of: 1 },
  });
  expect(sent({ kind: "webhook" }).headers).not.toHaveProperty("authorization");
});

it("slack: blocks of plain text, in which nothing is markup", () => {
  expect(jsonOf({ kind: "slack" })).toEqual({
    text: "Laterbase dev is unhealthy",
    blocks: [
      {
        type: "header",
        text: { type: "plain_text", text: "Laterbase dev is unhealthy", emoji: false },
      },
      { type: "section", text: { type: "plain_text", text: lines.join("\n"), emoji: false } },
    ],
  });
  const odd = { ...strange, stack: "<!here> & co" };
  expect(jsonOf({ kind: "slack" }, odd)["text"]).toBe(
    "Laterbase &lt;!here&gt; &amp; co is unhealthy",
  );
  const long = { ...message, sentence: "x".repeat(5000) };
  const [, section] = jsonOf({ kind: "slack" }, long)["blocks"] as { text: { text: string } }[];
  expect(section!.text.text).toBe(`${"x".repeat(2999)}…`);
});

it("discord: every mark is escaped, nobody is called, and the limits are kept", () => {
  const body = jsonOf({ kind: "discord" });
  expect(body).toEqual({
    content: "**Laterbase dev is unhealthy**",
    embeds: [
      {
        description: lines.map((line) => line.replace(/[-.():]/g, "\\$&")).join("\n"),
        color: 0xc62828,
      },
    ],
    allowed_mentions: { parse: [] },
  });
  const [embed] = jsonOf({ kind: "discord" }, strange)["embeds"] as [{ description: string }];
  expect(embed.description).toContain(
    String.raw`disk of \<\!channel\> \@everyone \*\*b\*\* \`c\` & "d"\\r\\nX\-Injected\: 1 \\u202e\[l\]\(http\://e\)`,
  );
  for (const length of [3990, 3997, 3998, 3999, 4000, 4001]) {
    const long = { ...message, sentence: `${"x".repeat(length)}-----` };
    const [{ description }] = jsonOf({ kind: "discord" }, long)["embeds"] as [
      { description: string },
    ];
    expect(description.length).toBeLessThanOrEqual(4000);
    // Nothing is cut between a backslash and what it escapes.
    expect(description).not.toMatch(/(?<!\\)(\\\\)*\\…$/);
  }
  const loud = { ...message, stack: "x".repeat(3000) };
  expect((jsonOf({ kind: "discord" }, loud)["content"] as string).length).toBe(2000);
});

it("ntfy: the text with headers of ASCII", () => {
  expect(sent({ kind: "ntfy", token: "tk_1" })).toEqual({
    ...{ url, method: "POST", body: lines.join("\n") },
    headers: {
      ...{ "content-type": "text/plain; charset=utf-8", authorization: "Bearer tk_1" },
      ...{ title: "Laterbase dev is unhealthy", priority: "5", tags: "rotating_light" },
    },
  });
  const of = (parts: Partial<Message>) => {
    const { priority, tags } = sent({ kind: "ntfy" }, { ...message, ...parts }).headers;
    return [priority, tags];
  };
  expect(of({ verdict: "healthy" })).toEqual(["3", "white_check_mark"]);
  expect(of({ verdict: "degraded" })).toEqual(["4", "warning"]);
  expect(of({ event: "test" })).toEqual(["3", "test_tube"]);
  const long = { ...message, sentence: "ü".repeat(3000) };
  expect(Buffer.byteLength(sent({ kind: "ntfy" }, long).body)).toBeLessThanOrEqual(4000);
});

it.each([
  ["plain text", "plain text"],
  ["Prüfung", "=?UTF-8?B?UHLDvGZ1bmc=?="],
  ["a\r\nX-Other: 1", "=?UTF-8?B?YQ0KWC1PdGhlcjogMQ==?="],
  ["=?UTF-8?B?eA==?=", "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?="],
])("as a header %j is %j", (text, header) => expect(headerValue(text)).toBe(header));

it("matrix: one transaction for a message, text, and HTML that is escaped", () => {
  const target = { kind: "matrix", url: "https://m.example/", token: "t", room: "!r/1:m.example" };
  expect(sent(target as WebhookTarget)).toEqual({
    body: expect.any(String),
    url: `https://m.example/_matrix/client/v3/rooms/!r%2F1%3Am.example/send/m.room.message/${message.id}`,
    method: "PUT",
    headers: { "content-type": "application/json", authorization: "Bearer t" },
  });
  const body = jsonOf(target as WebhookTarget, strange);
  expect(body).toMatchObject({ msgtype: "m.text", format: "org.matrix.custom.html" });
  expect(body["formatted_body"]).toContain(
    "disk of &#60;!channel&#62; @everyone **b** `c` &#38; &#34;d&#34;\\r\\nX-Injected: 1 \\u202e[l](http://e)",
  );
  const long = jsonOf(target as WebhookTarget, { ...message, sentence: "<".repeat(9000) });
  expect(Object.keys(long)).toEqual(["msgtype", "body"]);
});

it("two messages of which the first did not arrive become one", () => {
  const second = messageOf({
    ...{ event: "change", stack: "dev", at: later(600), verdict: "degraded", was: "unhealthy" },
    sentence: "Everything that could be looked at works, but not as it should: pooler.",
    checks: [
      {
        ...{ name: "standby", status: "good", was: "failed", sentence: "It streams." },
        ...{ since: later(-60), lastedSeconds: 660 },
      },
    ],
    others: [{ name: "pooler", status: "degraded" }],
  });
  const one = together(message, second);
  expect(one).toMatchObject({
    ...{ event: "change", at: later(600), verdict: "degraded", was: "healthy" },
    checks: [
      { name: "standby", status: "good", was: "good", lastedSeconds: 660 },
      { name: "dump", status: "good", was: "failed" },
    ],
    others: [{ name: "pooler", status: "degraded" }],
    instead: { messages: 2, since: at },
  });
  expect(together(one, second).instead).toEqual({ messages: 3, since: at });
  expect(textOf(one, "Etc/UTC").lines.at(-1)).toBe(
    "This one stands for 2 messages since 2026-11-30 12:00 Etc/UTC: they could not be sent.",
  );
  const reminder: Message = { ...second, event: "reminder" };
  expect(together(reminder, reminder).event).toBe("reminder");
  expect(together(message, reminder).event).toBe("change");
});

it("a text is cut between characters", () => {
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abcd", 3)).toBe("ab…");
  expect(cut("a😀bc", 3)).toBe("a…");
  expect(cutBytes("abc", 3)).toBe("abc");
  expect(cutBytes("aüüüü", 7)).toBe("aü…");
});
