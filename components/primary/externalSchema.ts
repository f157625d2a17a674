import { z } from "zod";
import { Version } from "./primary";
import {
  AbsolutePath,
  DatabaseName,
  Host,
  Network,
  Port,
  SecretText,
  Size,
} from "../schema/primitives";
import { strict } from "../schema/strict";

/** How Laterbase reaches an external primary to prepare it. Both ways do the same. */
export const accessSchema = z.discriminatedUnion(
  "kind",
  [
    /** By SQL as the superuser, from a container beside the first standby. */
    strict({ kind: z.literal("sql") }),
    /** By psql on the primary's own machine. */
    strict({
      kind: z.literal("ssh"),
      user: z
        .string({ error: "must be the user to log in as, such as admin" })
        .min(1)
        .describe("The user to log in as."),
      port: Port.default(22).describe("The SSH server's port. Default 22."),
      privateKey: SecretText.describe("The private key, as text."),
      hostKey: z
        .string({ error: 'must be the host key, such as "ssh-ed25519 AAAA…"' })
        .regex(
          /^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/]+=*( .*)?$/,
          'must be the host key, such as "ssh-ed25519 AAAA…"',
        )
        .describe(
          "The host key in the form of authorized_keys, as ssh-keyscan prints it without the host; another key is refused.",
        ),
      sudo: z
        .union([z.boolean(), z.string().regex(/^[a-z_][a-z0-9_-]*$/)], {
          error: "must be true, false or the name of the server's user, such as postgres",
        })
        .default(false)
        .describe(
          "Run psql as the server's own user by sudo -n -u <user>: true is postgres. Default false: TCP with the superuser's password.",
        ),
      psql: AbsolutePath.optional().describe("psql on that machine. Default: the one on its PATH."),
    }),
  ],
  { error: 'must be "sql" or "ssh"' },
);

/** `laterbase:primary` of the kind `external`. */
export const externalPrimarySchema = strict({
  kind: z.literal("external"),
  host: Host.describe(
    "Name or address, as the standbys' engines reach it. A change moves the standbys over in place; another server behind it is refused.",
  ),
  port: Port.default(5432).describe("Default 5432. A change restarts the standbys."),
  version: Version.describe(
    "Major version of the server; the standbys are built for it. Another one is refused before anything is touched.",
  ),
  superuser: strict({
    name: z
      .string({ error: "must be a role, such as postgres" })
      .min(1)
      .default("postgres")
      .describe("Default postgres."),
    password: SecretText.optional().describe("Needed unless access is by ssh with sudo."),
  }).describe("Who prepares the primary: role, slot, max_slot_wal_keep_size, pg_hba.conf."),
  databases: z
    .union([z.literal("*"), z.array(DatabaseName).min(1)], {
      error: 'must be a list of names, such as [ResolveProjects], or "*"',
    })
    .describe('The databases that matter, or "*" for every one that is no template.'),
  access: accessSchema.default({ kind: "sql" }).describe("Default { kind: sql }."),
  allowFrom: z
    .array(Network, { error: "must be a list such as [192.168.1.0/24]" })
    .min(1, "must name the networks that the standbys connect from, such as [192.168.1.0/24]")
    .describe("The networks that the standbys connect from, for pg_hba.conf. Applied by a reload."),
  slotRetention: Size.default("10GB").describe(
    "max_slot_wal_keep_size: the WAL that a standby which is away may hold on the primary's disk. Default 10GB. Applied by a reload. PostgreSQL manual 20.6.1.",
  ),
  tablespaces: z
    .record(z.string(), AbsolutePath, { error: "must be an object such as { fast: /srv/fast }" })
    .default({})
    .describe(
      "Tablespaces of the primary: name and directory there. They go into the standby's data volume. A change clones anew.",
    ),
});
