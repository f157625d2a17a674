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
  dockerHost: DockerHost.optional().meta({
    description: "The Docker engine that runs the containers.",
    change: "A change moves the stack: containers and volumes are created there, with new data.",
    unset: "the local engine",
    example: "ssh://media@nas.local",
  }),
  timeZone: TimeZone.default("Etc/UTC").meta({
    description: "The containers' time zone. Schedules are read in it.",
    change: "A change restarts the containers.",
    example: "Europe/London",
  }),
  bindAddress: BindAddress.default("127.0.0.1").meta({
    description:
      "The address of the engine's machine where published ports listen. `0.0.0.0` means every address.",
    change: "A change restarts the containers.",
    example: "127.0.0.1",
  }),
  primary: z
    .discriminatedUnion("kind", [managedPrimarySchema, externalPrimarySchema], {
      error: (issue) =>
        issue.code === "invalid_union"
          ? 'must be "managed" (Laterbase runs it) or "external" (you run it)'
          : 'must be an object such as { kind: "external", host: 192.168.1.20, … }',
    })
    .meta({
      description:
        "The primary server: Laterbase runs it (`kind: managed`), or you do (`kind: external`).",
    }),
  standbys: z
    .array(standbySchema, { error: "must be a list such as [{ name: standby, port: 5433 }]" })
    .min(1, "must name at least one standby, such as [{ name: standby, port: 5433 }]")
    .meta({
      description:
        "The hot standbys. Each one has a name, a port and its own replication slot on the primary.",
    }),
  pooler: poolerSchema.optional().meta({
    description:
      "PgBouncer: many clients share few connections to the primary and the first standby. Direct connections keep working.",
    unset: "no pooler",
  }),
  pgAdmin: pgAdminSchema.optional().meta({
    description: "pgAdmin: a web page with every server of the stack.",
    unset: "no pgAdmin",
  }),
  dumps: dumpsSchema
    .optional()
    .meta({ description: "Scheduled and checked dumps of each database.", unset: "no dumps" }),
  duplicati: duplicatiSchema.optional().meta({
    description:
      "Duplicati, with a job that encrypts the dumps and stores them elsewhere. It needs `dumps`.",
    unset: "no Duplicati",
  }),
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
