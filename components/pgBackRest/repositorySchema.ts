import { z } from "zod";
import { S3Bucket } from "../schema/bucket";
import { strict } from "../schema/strict";
import * as values from "./values";

const whole = (least: number, most: number, what: string, example: number) => {
  const error = `must be a whole number of ${what} from ${least} to ${most}, such as ${example}`;
  return z.int({ error }).min(least, error).max(most, error);
};

const flag = z.boolean({ error: "must be true or false" });

/** The keys of a retention, without defaults. */
export const retentionKeys = {
  full: whole(1, 9999999, "full backups or days", 7).optional().meta({
    description:
      "How much stays: so many full backups, or all of so many days, as `fullType` says. What depends on a full backup goes with it. The newest good full backup always stays.",
    change: "The next backup or maintenance applies a change.",
    example: 7,
  }),
  fullType: z
    .literal(["count", "time"], { error: 'must be "count" or "time" (days)' })
    .optional()
    .meta({
      description: "What `full` counts: `count` is full backups, `time` is days.",
      change: "The next backup or maintenance applies a change.",
      example: "count",
    }),
  diff: whole(1, 9999999, "differential backups", 4).optional().meta({
    description:
      "How many differential backups stay. Incremental backups that depend on one go with it. Those of an expired full backup go with that.",
    change: "The next backup or maintenance applies a change.",
    example: 4,
  }),
  archiveDays: whole(1, 36500, "days", 7).optional().meta({
    description:
      "For so many days back, as far as the backups go, you can restore to any moment. Older WAL goes, except what a kept backup needs.",
    change: "The next maintenance applies a change.",
    unset: "WAL stays as long as the oldest full backup",
    example: 7,
  }),
};

/** The same for a repository: a key that is absent is that of all. */
function ownRetention() {
  const unset = { unset: "that of `backups.retention`" };
  const { full, fullType, diff, archiveDays } = retentionKeys;
  return strict({
    full: full.meta({ ...full.meta(), ...unset }),
    fullType: fullType.meta({ ...fullType.meta(), ...unset }),
    diff: diff.meta({ ...diff.meta(), ...unset }),
    archiveDays: archiveDays.meta({ ...archiveDays.meta(), ...unset }),
  });
}

/** `encryption`, of the stack or of a repository. */
export const encryptionSchema = strict({
  passphrase: values.SecretLine.optional().meta({
    description:
      "Backups and WAL are encrypted with it by AES-256. Nobody can restore them without it: store it elsewhere too.",
    change: "A repository with backups keeps its first passphrase; another one needs a new place.",
    unset: "generated, kept with the data, shown by `npm run laterbase -- credentials`",
  }),
});

/** What each type of repository may have of its own. */
const own = {
  retention: ownRetention().optional().meta({
    description: "What this repository keeps.",
    unset: "that of `backups.retention`",
  }),
  encryption: encryptionSchema.optional().meta({
    description: "How this repository is encrypted. `{}` uses the generated passphrase.",
    change: "A repository with backups stays as it is; a change needs a new place.",
    unset: "that of `backups.encryption`",
  }),
  bundle: flag.optional().meta({
    description: "Store small files of this repository together.",
    change: "The next backup applies a change.",
    unset: "that of `backups.bundle`",
    example: true,
  }),
  block: flag.optional().meta({
    description: "Store only the changed blocks of a file in this repository. It needs `bundle`.",
    change: "The next full backup applies a change.",
    unset: "that of `backups.block`",
    example: true,
  }),
};

const place = "A change begins an empty repository there and leaves the old one.";

const folder = values.BucketFolder.default("/pgbackrest").meta({
  description: "The folder of the bucket or container. Two stacks in one bucket need two folders.",
  change: place,
  example: "/pgbackrest",
});

const ca = values.Certificates.optional().meta({
  description:
    "The CA of a server of your own, in PEM. TLS to any other server is checked by Debian's list.",
  change: "The next command of pgBackRest uses it.",
  unset: "Debian's list of public CAs",
  example: "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n",
});

const posix = strict({
  type: z.literal("posix"),
  path: values.EngineFolder.optional().meta({
    description: "A folder of the engine's machine, such as a mounted disk.",
    change: `${place} It restarts the primary and the agent.`,
    unset: "a folder of the repositories' volume, which destroy keeps",
    example: "/srv/repository",
  }),
  ...own,
});

const s3 = strict({
  type: z.literal("s3"),
  bucket: S3Bucket.meta({
    description: "The bucket. It must exist.",
    change: place,
    example: "homelab-backups",
  }),
  path: folder,
  endpoint: values.Endpoint.optional().meta({
    description: "The server, by TLS.",
    change: place,
    unset: "Amazon's of the region",
    example: "s3.nas.local:7070",
  }),
  region: values.Region.default("us-east-1").meta({
    description: "The region of the bucket. A server of your own usually takes any.",
    change: "The next command of pgBackRest uses it.",
    example: "eu-central-1",
  }),
  uriStyle: z
    .literal(["host", "path"], { error: 'must be "host" or "path"' })
    .default("host")
    .meta({
      description:
        "Whether the bucket is in the host's name, as at Amazon, or in the path, as at most servers of your own.",
      change: "The next command of pgBackRest uses it.",
      example: "path",
    }),
  accessKey: values.AccessKey.meta({
    description: "The name of the access key. It may be plain text.",
    change: "The next command of pgBackRest uses it.",
  }),
  secretKey: values.SecretLine.meta({
    description: "The secret of the access key.",
    change: "The next command of pgBackRest uses it.",
  }),
  ca,
  ...own,
});

const azure = strict({
  type: z.literal("azure"),
  container: values.AzureContainer.meta({
    description: "The container. It must exist.",
    change: place,
    example: "homelab-backups",
  }),
  path: folder,
  account: values.AzureAccount.meta({
    description: "The storage account.",
    change: place,
    example: "homelabstorage",
  }),
  key: values.AzureKey.meta({
    description: "The shared key of the account, in base64.",
    change: "The next command of pgBackRest uses it.",
  }),
  endpoint: values.Endpoint.optional().meta({
    description:
      "The server, by TLS. One with a port is a server of your own, where the account is in the path.",
    change: place,
    unset: "`blob.core.windows.net`",
    example: "blob.core.windows.net",
  }),
  ca,
  ...own,
});

const gcs = strict({
  type: z.literal("gcs"),
  bucket: values.GcsBucket.meta({
    description: "The bucket. It must exist.",
    change: place,
    example: "homelab-backups",
  }),
  path: folder,
  key: values.GcsKey.meta({
    description: "The JSON key of a service account that may read and write objects of the bucket.",
    change: "The next command of pgBackRest uses it.",
  }),
  ...own,
});

const objectStore = strict({ type: z.literal("objectStore"), ...own });

const none = strict({ type: z.literal("none") });

/** One entry of `laterbase:backups.repositories`. */
export const repositorySchema = z.discriminatedUnion(
  "type",
  [posix, s3, azure, gcs, objectStore, none],
  {
    error: (issue) =>
      issue.code === "invalid_union"
        ? 'must be "posix", "s3", "azure", "gcs", "objectStore" or "none"'
        : "must be an object such as { type: posix }",
  },
);

/** A repository as configured. */
export type RepositoryConfig = z.output<typeof repositorySchema>;
