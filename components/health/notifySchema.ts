import { z } from "zod";
import { Host, Port, SecretText } from "../schema/primitives";
import { SecretUrl } from "../schema/secretUrl";
import { strict } from "../schema/strict";

const change = "A change restarts the monitor.";

const url = (description: string) => SecretUrl.meta({ description, change });

const token = SecretText.meta({ description: "A token, sent as `Authorization: Bearer`.", change });

const optionalToken = token.optional().meta({
  description: "A token, sent as `Authorization: Bearer`.",
  change,
  unset: "none is sent",
});

const address = z
  .string({ error: "must be an e-mail address, such as me@example.com" })
  .regex(
    /^[^\s<>,;@\p{Cc}]+@[^\s<>,;@\p{Cc}]+$/u,
    "must be an e-mail address, such as me@example.com",
  )
  .max(254, "must be an e-mail address, such as me@example.com");

const line = (what: string, example: string) => {
  const error = `must be ${what} on one line, such as ${example}`;
  return z.string({ error }).regex(/^\P{Cc}{1,255}$/u, error);
};

const email = strict({
  kind: z.literal("email"),
  host: Host.meta({ description: "The SMTP server.", change, example: "smtp.example.com" }),
  port: Port.default(587).meta({ description: "Its port.", change, example: 587 }),
  security: z
    .literal(["tls", "starttls", "none"], { error: 'must be "tls", "starttls" or "none"' })
    .default("starttls")
    .meta({
      description:
        "`tls` from the first byte (usually port 465), `starttls` before the login (port 587), or `none`, for a server on the same machine.",
      change,
      example: "starttls",
    }),
  user: line("a login", "me@example.com")
    .optional()
    .meta({ description: "The login.", change, unset: "no login", example: "me@example.com" }),
  password: SecretText.optional().meta({
    description: "The password of `user`.",
    change,
    unset: "no login",
  }),
  from: address.meta({
    description: "The sender's address.",
    change,
    example: "laterbase@example.com",
  }),
  to: z
    .array(address, { error: "must be a list of e-mail addresses, such as [me@example.com]" })
    .min(1, "must name at least one address, such as [me@example.com]")
    .meta({ description: "The receivers' addresses.", change, example: ["me@example.com"] }),
});

/** One entry of `laterbase:health.notify`: a place that messages go to. */
export const notifySchema = z.discriminatedUnion(
  "kind",
  [
    strict({
      kind: z.literal("webhook"),
      url: url("Gets a POST with the report as JSON."),
      token: optionalToken,
    }),
    strict({ kind: z.literal("slack"), url: url("The URL of an incoming webhook of Slack.") }),
    strict({ kind: z.literal("discord"), url: url("The URL of a webhook of Discord.") }),
    strict({
      kind: z.literal("ntfy"),
      url: url("The URL of a topic, such as `https://ntfy.sh/<topic>`."),
      token: optionalToken,
    }),
    strict({
      kind: z.literal("matrix"),
      url: url("The URL of the home server, such as `https://matrix.org`."),
      token,
      room: line("the id of a room", "!abc:example.com").meta({
        description: "The id of the room, which the token's user has joined.",
        change,
        example: "!abc:example.com",
      }),
    }),
    email,
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union"
        ? 'must be "webhook", "slack", "discord", "ntfy", "matrix" or "email"'
        : "must be an object such as { kind: slack, url: … }",
  },
);

/** A place that messages go to, as configured. */
export type NotifyConfig = z.output<typeof notifySchema>;
