import { z } from "zod";
import { Memory } from "../schema/memory";
import { RolePassword } from "../schema/password";
import { DatabaseName, Network, Port } from "../schema/primitives";
import { strict } from "../schema/strict";
import { Extensions } from "./extensionsSchema";
import { externalPrimarySchema } from "./externalSchema";
import { Settings } from "./settingsSchema";
import { SlotRetention } from "./slotRetention";
import { Version } from "./version";

/** `laterbase:primary` of the kind `managed`. */
export const managedPrimarySchema = strict({
  kind: z.literal("managed"),
  version: Version.meta({
    description: "PostgreSQL's major version.",
    change: "The server refuses to start on data of another major.",
    example: 17,
  }),
  port: Port.meta({
    description: "The port to publish.",
    change: "A change restarts the primary; the data stays.",
    example: 8008,
  }),
  databases: z
    .array(DatabaseName, { error: "must be a list of names, such as [mfi_banking]" })
    .min(1, "must name at least one database, such as [mfi_banking]")
    .meta({
      description:
        "The databases. Each start creates those that are missing, and none is ever dropped. `initScripts` run in the first one.",
      change: "A change restarts the primary.",
      example: ["mfi_banking"],
    }),
  initScripts: z
    .string({ error: "must be a folder, such as examples/hot-hot/schema" })
    .optional()
    .meta({
      description:
        "A folder of `*.sql` and `*.sh` files. They run once, in the order of their names, when the data directory is created.",
      change: "A later change restarts the primary and runs nothing.",
      unset: "no scripts",
      example: "examples/hot-hot/schema",
    }),
  maxConnections: z
    .int({ error: "must be a whole number from 10 to 10000, such as 200" })
    .min(10, "must be a whole number from 10 to 10000, such as 200")
    .max(10000, "must be a whole number from 10 to 10000, such as 200")
    .optional()
    .meta({
      description: "PostgreSQL's `max_connections`. PostgreSQL manual 20.3.",
      change: "A change restarts the primary, then its standbys.",
      unset: "100, or 30 more than the pooler may open on the primary, whichever is greater",
      example: 200,
    }),
  memory: Memory,
  settings: Settings,
  extensions: Extensions,
  superuser: strict({
    password: RolePassword.meta({
      description: "The password of the superuser `postgres`.",
      change:
        "A change applies at the next `up`: nothing restarts except pgAdmin with `pgAdmin.superuser`, and no transaction through the pooler fails.",
      unset: "generated, kept with the data, shown by `npm run laterbase -- credentials`",
    }),
  })
    .optional()
    .meta({
      description: "The superuser `postgres`.",
      unset: "`postgres` with a generated password",
    }),
  allowFrom: z
    .array(Network, { error: "must be a list such as [192.168.1.0/24]" })
    .default([])
    .meta({
      description:
        "Networks that standbys on other engines connect from, for `pg_hba.conf`. The stack's own network is always allowed.",
      change: "A reload applies a change.",
      example: ["192.168.1.0/24"],
    }),
  slotRetention: SlotRetention,
});

/** `laterbase:primary`, of either kind. */
export const primarySchema = z.discriminatedUnion(
  "kind",
  [managedPrimarySchema, externalPrimarySchema],
  {
    error: (issue) =>
      issue.code === "invalid_union"
        ? 'must be "managed" (Laterbase runs it) or "external" (you run it)'
        : 'must be an object such as { kind: "external", host: 192.168.1.20, … }',
  },
);

/** A managed primary as configured. */
export type ManagedPrimary = z.output<typeof managedPrimarySchema>;

/** A primary of either kind as configured. */
export type PrimaryConfig = z.output<typeof primarySchema>;
