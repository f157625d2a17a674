import { z } from "zod";
import { AbsolutePath, DatabaseName, Host, Network, Port, SecretText } from "../schema/primitives";
import { strict } from "../schema/strict";
import { SlotRetention } from "./slotRetention";
import { Version } from "./version";

/** By psql on the primary's own machine. */
const sshSchema = strict({
  kind: z.literal("ssh"),
  user: z.string({ error: "must be the user to log in as, such as admin" }).min(1).meta({
    description: "The user to log in as.",
    change: "A change repeats the steps on the primary; nothing restarts.",
    example: "admin",
  }),
  port: Port.default(22).meta({
    description: "The SSH server's port.",
    change: "A change repeats the steps on the primary; nothing restarts.",
    example: 22,
  }),
  privateKey: SecretText.meta({
    description: "The private key, as text.",
    change: "A change repeats the steps on the primary; nothing restarts.",
  }),
  hostKey: z
    .string({ error: 'must be the host key, such as "ssh-ed25519 AAAA…"' })
    .regex(
      /^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/]+=*( .*)?$/,
      'must be the host key, such as "ssh-ed25519 AAAA…"',
    )
    .meta({
      description:
        "The server's public host key, as `ssh-keyscan` prints it, without the host in front. A server with another key is refused.",
      change: "A change repeats the steps on the primary; nothing restarts.",
      example: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI",
    }),
  sudo: z
    .union([z.boolean(), z.string().regex(/^[a-z_][a-z0-9_-]*$/)], {
      error: "must be true, false or the name of the server's user, such as postgres",
    })
    .meta({ values: "`true`, `false` or the name of a user" })
    .default(false)
    .meta({
      description:
        "Run `psql` with `sudo -n -u <user>`: `true` means the user `postgres`. With `false`, `psql` logs in over TCP with the superuser's password.",
      change: "A change repeats the steps on the primary; nothing restarts.",
      example: true,
    }),
  psql: AbsolutePath.optional().meta({
    description: "The path of `psql` on that machine.",
    change: "A change repeats the steps on the primary; nothing restarts.",
    unset: "the `psql` on its `PATH`",
    example: "/usr/pgsql-13/bin/psql",
  }),
});

/** The keys that only access by SSH has. */
export const sshAccessKeys: ReadonlySet<string> = new Set(
  Object.keys(sshSchema.shape).filter((key) => key !== "kind"),
);

/** How Laterbase reaches an external primary to prepare it. Both ways do the same. */
const accessSchema = z.discriminatedUnion(
  "kind",
  [
    /** By SQL as the superuser, from a container beside the first standby. */
    strict({ kind: z.literal("sql") }),
    sshSchema,
  ],
  { error: 'must be "sql" or "ssh"' },
);

/** How an external primary is reached. */
export type Access = z.output<typeof accessSchema>;

/** `laterbase:primary` of the kind `external`. */
export const externalPrimarySchema = strict({
  kind: z.literal("external"),
  host: Host.meta({
    description: "The primary's name or address, as the standbys' engines reach it.",
    change:
      "A change points the standbys at the new address and keeps their data. They refuse a different server behind it.",
    example: "192.168.1.20",
  }),
  port: Port.default(5432).meta({
    description: "The server's port.",
    change: "A change restarts the standbys.",
    example: 5432,
  }),
  version: Version.meta({
    description:
      "The server's major version. The standbys use the same one. A wrong value is refused before anything is touched.",
    change:
      "After an upgrade of the server the standbys need a new clone, see [failures.md](failures.md#it-stops-and-asks).",
    example: 13,
  }),
  superuser: strict({
    name: z.string({ error: "must be a role, such as postgres" }).min(1).default("postgres").meta({
      description: "The name of the superuser.",
      change: "A change restarts the standbys, and pgAdmin with `pgAdmin.superuser`.",
      example: "postgres",
    }),
    password: SecretText.optional().meta({
      description: "The superuser's password. Required, except with `access.kind: ssh` and `sudo`.",
      change:
        "Change it on the server first. pgAdmin restarts with `pgAdmin.superuser`; the pooler reloads.",
      unset: "no password",
    }),
  }).meta({
    description:
      "The superuser. It creates roles and slots on the primary, and changes `max_slot_wal_keep_size` and `pg_hba.conf`.",
  }),
  databases: z
    .union([z.literal("*"), z.array(DatabaseName).min(1)], {
      error: 'must be a list of names, such as [ResolveProjects], or "*"',
    })
    .meta({
      description:
        'The databases that matter, or `"*"` for every database except template0 and template1. The pooler needs a list.',
      change: "The pooler reloads; nothing restarts.",
      example: ["ResolveProjects"],
    }),
  access: accessSchema.default({ kind: "sql" }).meta({
    description:
      "How Laterbase reaches the primary to prepare it: SQL from a container beside the first standby, or `psql` on the primary's machine over SSH. With `kind: sql`, the keys of `ssh` may stay in the file; they are not used.",
    unset: "`{ kind: sql }`",
    change:
      "A change runs the steps on the primary again, by the new way. It undoes nothing and restarts nothing.",
  }),
  allowFrom: z
    .array(Network, { error: "must be a list such as [192.168.1.0/24]" })
    .min(1, "must name the networks that the standbys connect from, such as [192.168.1.0/24]")
    .meta({
      description:
        "The networks that the standbys, the dumps, restores and pgAdmin connect from, for `pg_hba.conf`.",
      change: "A reload applies a change.",
      example: ["192.168.1.0/24"],
    }),
  slotRetention: SlotRetention,
  tablespaces: z
    .record(z.string(), AbsolutePath, { error: "must be an object such as { fast: /srv/fast }" })
    .default({})
    .meta({
      description:
        "The primary's tablespaces: name and directory there. A standby keeps them in its data volume.",
      change: "A change restarts the standbys and applies to their next clone.",
      example: { fast: "/srv/fast" },
    }),
});
