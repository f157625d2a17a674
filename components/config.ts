import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { dumpsSchema } from "./backupAgent/backupAgent";
import { duplicatiSchema } from "./duplicati/duplicati";
import { externalPrimarySchema } from "./primary/externalSchema";
import { pgAdminSchema } from "./pgAdmin/pgAdmin";
import { poolerSchema } from "./pgBouncer/pgBouncer";
import { managedPrimarySchema } from "./primary/primary";
import { BindAddress, DockerHost, TimeZone } from "./schema/primitives";
import { checkStack } from "./rules";
import { standbySchema } from "./standby/standby";
import { sentence, strict } from "./schema/strict";

/** The keys of a stack file, without their `laterbase:` prefix. */
export const configSchema = strict({
  dockerHost: DockerHost.optional().describe(
    "The engine that runs the containers. Default: the local one. A change moves everything: containers and volumes are made anew there.",
  ),
  timeZone: TimeZone.default("Etc/UTC").describe(
    "The containers' time zone. Default Etc/UTC. A change restarts the containers.",
  ),
  bindAddress: BindAddress.default("127.0.0.1").describe(
    "Where published ports listen. Default 127.0.0.1. A change restarts the containers.",
  ),
  primary: z
    .discriminatedUnion("kind", [managedPrimarySchema, externalPrimarySchema], {
      error: (issue) =>
        issue.code === "invalid_union"
          ? 'must be "managed" (Laterbase runs it) or "external" (somebody else\'s)'
          : 'must be an object such as { kind: "external", host: 192.168.1.20, … }',
    })
    .describe("The primary: one that Laterbase runs (managed), or somebody else's (external)."),
  standbys: z
    .array(standbySchema, { error: "must be a list such as [{ name: standby, port: 5433 }]" })
    .min(1, "must name at least one standby, such as [{ name: standby, port: 5433 }]")
    .describe("The hot standbys. Each has a name, a port, and its own slot on the primary."),
  pooler: poolerSchema
    .optional()
    .describe(
      "PgBouncer, so that many clients share few connections of the primary and the first standby. Default: none; direct connections are there in any case.",
    ),
  pgAdmin: pgAdminSchema
    .optional()
    .describe("pgAdmin, a page with every server of the stack in it. Default: none."),
  dumps: dumpsSchema
    .optional()
    .describe("Scheduled, checked dumps of each database. Default: none are made."),
  duplicati: duplicatiSchema
    .optional()
    .describe("Duplicati, with a job that stores the dumps elsewhere. Default: none."),
});

/** A checked configuration. Secrets in it are secret Outputs. */
export type Config = z.output<typeof configSchema>;

/** A configuration that cannot be used. Pulumi prints its sentences, without a stack trace. */
export class ConfigError extends pulumi.RunError {
  constructor(readonly sentences: readonly string[]) {
    super(sentences.join("\n"));
    // Where the parser noticed helps nobody, and colouring a trace takes Pulumi many seconds.
    this.stack = "";
  }
}

/**
 * Checks a stack's configuration: every key alone, then the rules between them.
 *
 * @param raw the values of `laterbase:*`, by key without that prefix
 * @param file the stack file that they were set in, named in the errors
 * @throws ConfigError with one sentence for each mistake; nothing was touched by then
 */
export function parseConfig(raw: unknown, file: string): Config {
  const parsed = configSchema.safeParse(raw, { reportInput: true });
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => sentence(issue, file)));
  }
  const broken = checkStack(parsed.data);
  if (broken.length > 0) throw new ConfigError(broken.map((rule) => `${rule} (set in ${file}).`));
  return parsed.data;
}

/**
 * The values of one namespace as Pulumi hands them to a program: objects and lists come as JSON
 * text, everything else as plain text.
 */
export function readRaw(all: Record<string, string>, namespace = "laterbase"): unknown {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(all)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), fromText(value)]),
  );
}

function fromText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
