import { z } from "zod";
import { applicationsSchema } from "../applications/schema";
import { dumpsSchema } from "../backupAgent/schema";
import { duplicatiSchema } from "../duplicati/schema";
import { healthSchema } from "../health/schema";
import { imagesSchema } from "../images/schema";
import { objectStoreSchema } from "../objectStore/schema";
import { pgAdminSchema } from "../pgAdmin/schema";
import { backupsSchema } from "../pgBackRest/schema";
import { poolerSchema } from "../pgBouncer/schema";
import { primarySchema } from "../primary/schema";
import { rotationsSchema } from "../rotations/schema";
import { BindAddress, DockerHost, TimeZone } from "../schema/primitives";
import { strict } from "../schema/strict";
import { standbySchema } from "../standby/schema";

/** The keys of a stack file, without their `laterbase:` prefix. */
const keys = strict({
  dockerHost: DockerHost.optional().meta({
    description: "The Docker engine that runs the containers.",
    change:
      "A stack does not move: with `npm run`, another engine is refused where the stack exists, and docs/tasks/move-to-another-host.md shows the way.",
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
  primary: primarySchema.meta({
    description:
      "The primary server: Laterbase runs it (`kind: managed`), or you do (`kind: external`).",
  }),
  applications: applicationsSchema.optional().meta({
    description:
      "The applications of a managed primary, by name. Each one is a role of the same name that owns one database and everything in it. A database without an application gets an owner of its own name.",
    change:
      "A new one is made on the running primary, and nothing restarts. One that is taken away may not log in any more; its database stays.",
    unset: "no applications",
    example: { jarvis: { database: "homelab_jarvis" } },
  }),
  standbys: z
    .array(standbySchema, { error: "must be a list such as [{ name: standby, port: 5433 }]" })
    .default([])
    .meta({
      description:
        "The hot standbys. Each one has a name, a port and its own replication slot on the primary. A managed primary may have none; an external one needs at least one.",
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
  backups: backupsSchema.optional().meta({
    description:
      "Physical backups and the WAL archive of a managed primary, by pgBackRest. You can restore to any moment since the oldest one.",
    unset: "no backups, and archiving is off",
  }),
  objectStore: objectStoreSchema.optional().meta({
    description:
      "An S3 server of the stack's own, for repositories of the type `objectStore`. It is on the engine's machine, so it protects from no loss of that machine.",
    unset: "no object store",
  }),
  duplicati: duplicatiSchema.optional().meta({
    description:
      "Duplicati, with a job that encrypts the dumps and stores them elsewhere. It needs `dumps`.",
    unset: "no Duplicati",
  }),
  health: healthSchema.optional().meta({
    description:
      "The monitor: one answer to whether the data are safe, as a page, as JSON, as metrics and as messages. It looks at every part of the stack every ten seconds.",
    change:
      "A new one makes a role on the primary and restarts the agent and the scheduler; no server restarts.",
    unset: "no monitor",
  }),
  images: imagesSchema.optional().meta({
    description:
      "Where the images of Laterbase's own come from, as a pipeline has pushed them. `up` then builds nothing.",
    change: "With it engines pull images, without it they build them. Containers are made again.",
    unset: "images are built on the engines",
  }),
  rotations: rotationsSchema.optional().meta({
    description:
      "How often each generated secret was replaced: an application's name, or `superuser`, `replication`, `dumps`, `pooler`, `pgadmin`, `duplicati`, `objectStore`, `health`. `npm run laterbase -- rotate <name>` raises a number by one and runs `up`.",
    change:
      "A greater number draws another secret and puts it into force; no client of the pooler is cut. A smaller one is refused where the secret is protected.",
    unset: "every secret is the first one",
    example: { superuser: 1 },
  }),
});

/** The same, with what one key means for the default of another. */
export const configSchema = keys.transform(({ dumps, ...config }) => {
  const primary = config.standbys.length === 0 ? { source: "primary" as const } : {};
  return { ...config, ...(dumps ? { dumps: { ...dumps, ...primary } } : {}) };
});

/** A checked configuration. Secrets in it are secret Outputs. */
export type Config = z.output<typeof configSchema>;
