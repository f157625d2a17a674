import { z } from "zod";
import { Duration, Size } from "../schema/primitives";
import { Schedule } from "../schema/schedule";
import { strict } from "../schema/strict";
import { encryptionSchema, retentionKeys } from "./ownKeys";
import { repositorySchema } from "./repositorySchema";

const schedule = (description: string, example: string) => ({
  description: `${description}, in \`timeZone\`.`,
  change: "A change restarts the agent and the scheduler.",
  example,
});

const flag = z.boolean({ error: "must be true or false" });

const integer = (least: number, most: number, what: string, example: number) => {
  const error = `must be a whole number${what} from ${least} to ${most}, such as ${example}`;
  return z.int({ error }).min(least, error).max(most, error);
};

const Stanza = z
  .string({ error: "must be a name such as main" })
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
    "must be a name of letters, digits, _ and -, up to 63 of them, such as main",
  )
  // 2.33 takes every section whose name begins so for its own.
  .regex(
    /^(?!global)/,
    "must not begin with global, which pgBackRest keeps for itself; main is usual",
  );

const schedulesSchema = strict({
  full: Schedule.optional().meta({
    ...schedule("When to make a full backup", "0 2 * * 0"),
    unset: "none is scheduled; the first backup is a full one",
  }),
  diff: Schedule.optional().meta({
    ...schedule(
      "When to make a differential backup: what changed since the last full one",
      "0 2 * * 1-6",
    ),
    unset: "none is scheduled",
  }),
  incr: Schedule.optional().meta({
    ...schedule(
      "When to make an incremental backup: what changed since the last one",
      "0 */6 * * *",
    ),
    unset: "none is scheduled",
  }),
  check: Schedule.prefault("30 * * * *").meta(
    schedule("When to check that WAL reaches every repository", "30 * * * *"),
  ),
  verify: Schedule.prefault("0 4 * * 0").meta(
    schedule("When to read and check everything in each repository", "0 4 * * 0"),
  ),
  drill: Schedule.prefault("0 5 * * *").meta(
    schedule(
      "When to prove that each repository restores, on a server that is thrown away",
      "0 5 * * *",
    ),
  ),
  maintenance: Schedule.prefault("45 * * * *").meta(
    schedule("When to expire, and to delete old logs", "45 * * * *"),
  ),
});

const retentionSchema = strict({
  full: retentionKeys.full.unwrap().default(7).meta(retentionKeys.full.meta()!),
  fullType: retentionKeys.fullType.unwrap().default("count").meta(retentionKeys.fullType.meta()!),
  diff: retentionKeys.diff.unwrap().default(4).meta(retentionKeys.diff.meta()!),
  archiveDays: retentionKeys.archiveDays,
  logDays: integer(1, 36500, " of days", 30).default(30).meta({
    description: "How many days pgBackRest's own logs stay.",
    change: "A change restarts the agent.",
    example: 30,
  }),
});

const compressionSchema = strict({
  type: z
    .literal(["lz4", "zst", "gz", "bz2", "none"], {
      error: 'must be "lz4", "zst", "gz", "bz2" or "none"',
    })
    .default("lz4")
    .meta({
      description: "How backups and WAL are compressed.",
      change: "The next backup and the next WAL apply a change; a repository may hold several.",
      example: "lz4",
    }),
  level: z.int({ error: "must be a whole number, such as 3" }).optional().meta({
    values: "whole number",
    description:
      "How hard it tries. By type: `lz4` 1 to 9 (from -5 to 12 with 17), `zst` 1 to 9 (from -7 to 22 with 17), `gz` 0 to 9, `bz2` 1 to 9.",
    change: "The next backup and the next WAL apply a change.",
    unset: "3 for `lz4` and `zst`, 6 for `gz`, 9 for `bz2`",
    example: 3,
  }),
});

/** `laterbase:backups`. */
export const backupsSchema = strict({
  stanza: Stanza.default("main").meta({
    values: "name of letters, digits, _ and -",
    description: "pgBackRest's name for this server in every repository.",
    change: "A change begins a new history; the old backups stay, and nothing expires them.",
    example: "main",
  }),
  schedules: schedulesSchema
    .prefault({})
    .meta({ description: "When the jobs run.", unset: "those of its keys" }),
  retention: retentionSchema.prefault({}).meta({
    description: "What stays in the repositories. A repository may have keys of its own.",
    unset: "those of its keys",
  }),
  compression: compressionSchema.prefault({}).meta({
    description: "How the repositories compress.",
    unset: "those of its keys",
  }),
  processMax: integer(1, 999, "", 4).default(4).meta({
    description: "How many processes copy and compress at a time.",
    change: "The next command of pgBackRest uses it.",
    example: 4,
  }),
  encryption: encryptionSchema.optional().meta({
    description: "How the repositories are encrypted. `{}` generates a passphrase.",
    change: "A repository with backups stays as it is; a change needs a new place.",
    unset: "not encrypted, which `preview` says",
  }),
  archiveTimeout: Duration.default("60s").meta({
    description: "A WAL segment is archived after this time at the latest, even if it is not full.",
    change: "A reload applies a change.",
    example: "60s",
  }),
  archiveQueueMax: Size.default("4GB").meta({
    description:
      "How much WAL may wait for a repository that is away, at least 128MB. What is more is given up, so that the primary's disk never fills. Then a full backup follows by itself.",
    change: "The next WAL segment applies a change.",
    example: "4GB",
  }),
  async: flag.default(true).meta({
    description: "Archive in the background, several segments at a time.",
    change: "The next WAL segment applies a change.",
    example: true,
  }),
  bundle: flag.optional().meta({
    description: "Store small files together. It needs PostgreSQL 15.",
    change: "The next backup applies a change.",
    unset: "`true` where the major can",
    example: true,
  }),
  block: flag.optional().meta({
    description: "Store only the changed blocks of a file. It needs `bundle` and PostgreSQL 17.",
    change: "The next full backup applies a change.",
    unset: "`true` where the major can and `bundle` is on",
    example: true,
  }),
  repositories: z
    .array(repositorySchema, { error: "must be a list such as [{ type: posix }]" })
    .min(1, "must name at least one repository, such as [{ type: posix }]")
    .meta({
      description:
        "Where backups and WAL go, in order: the first is pgBackRest's repository 1. Each gets everything. `posix` is a volume or a folder on the stack's engine, `s3` a bucket of Amazon or of a server that speaks S3, `azure` and `gcs` are the stores of Microsoft and Google, `objectStore` is the stack's own, and `none`, which stands alone, turns archiving off.",
      change:
        "A new one gets WAL at once and backups from the next full one on. A removed one keeps its data. The number is the place in the list: add new ones at the end.",
      example: [
        { type: "posix" },
        { type: "objectStore", retention: { full: 30, fullType: "time" } },
      ],
    }),
});

/** Backups as configured. */
export type BackupsConfig = z.output<typeof backupsSchema>;
