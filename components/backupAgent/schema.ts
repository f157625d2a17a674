import { z } from "zod";
import { DatabaseName, Duration, HostFolder, ShareOrSize } from "../schema/primitives";
import { Schedule } from "../schema/schedule";
import { strict } from "../schema/strict";

const count = (least: number, example: number, what: string) =>
  z
    .int({ error: `must be a whole number of ${what}, such as ${example}` })
    .min(least, `must be at least ${least}, such as ${example}`)
    .max(36500, `must be at most 36500, such as ${example}`);

/** `laterbase:dumps`. */
export const dumpsSchema = strict({
  schedule: Schedule.prefault("@hourly").meta({
    description: "When to dump, in `timeZone`.",
    change: "A change restarts the agent and the scheduler.",
    example: "@hourly",
  }),
  retentionDays: count(1, 7, "days").default(7).meta({
    description:
      "A dump is kept for at least this many days. The newest good dump of a database is never deleted.",
    change: "A change restarts the agent.",
    example: 7,
  }),
  retentionCount: count(1, 3, "dumps").default(3).meta({
    description: "At least this many dumps of each database are kept, however old they are.",
    change: "A change restarts the agent.",
    example: 3,
  }),
  path: HostFolder.optional().meta({
    description:
      "A folder of the engine's machine for the dumps. A relative path starts at the project's folder and needs the local engine; a pipeline refuses one, because its checkout does not last. Where a file system keeps no owners, as exFAT and SMB shares do, mount it with `uid=999,gid=999`. `up` tries the folder and says what it cannot do.",
    change: "A change restarts the agent and Duplicati, and leaves the old dumps where they are.",
    unset: "a volume",
    example: "./backups",
  }),
  source: z
    .literal(["standby", "primary"], { error: 'must be "standby" or "primary"' })
    .default("standby")
    .meta({
      description:
        "The server to read. If it cannot be used, the agent reads the other one. A stack without a standby reads the primary.",
      change: "A change restarts the agent.",
      example: "standby",
    }),
  plain: z.boolean({ error: "must be true or false" }).default(false).meta({
    description: "Write a plain `.sql.gz` as well.",
    change: "A change restarts the agent.",
    example: false,
  }),
  timeout: Duration.default("50m").meta({
    description: "A run that takes longer is stopped.",
    change: "A change restarts the agent.",
    example: "50m",
  }),
  databaseTimeout: Duration.optional().meta({
    description:
      "The dump of one database that takes longer is stopped, and the run goes on with the next. At most `timeout`.",
    change: "A change restarts the agent.",
    unset:
      "two fifths of `timeout`, which are `20m` where nothing is set; all of it for a single database in `databases`",
    example: "20m",
  }),
  minFree: ShareOrSize.default("10%").meta({
    description:
      "What a dump must leave free of the file system that it goes to. One that would leave less does not begin, and the run goes on with the next database. The agent estimates by the last dump of the database, or for the first one by a third of the database's size.",
    change: "A change restarts the agent.",
    example: "10%",
  }),
  databases: z
    .union([z.literal("*"), z.array(DatabaseName).min(1)], {
      error: 'must be a list of names, such as [ResolveProjects], or "*"',
    })
    .default("*")
    .meta({
      description:
        'The databases to dump, or `"*"` for every database except template0, template1 and what restores left beside others.',
      change: "A change restarts the agent.",
      example: "*",
    }),
});

/** Dumps as configured. */
export type DumpsConfig = z.output<typeof dumpsSchema>;
