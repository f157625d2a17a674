import { z } from "zod";
import { S3Bucket } from "../schema/bucket";
import { strict } from "../schema/strict";
import { ownKeys } from "./ownKeys";
import * as values from "./values";

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
  ...ownKeys,
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
  ...ownKeys,
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
  ...ownKeys,
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
  ...ownKeys,
});

const objectStore = strict({ type: z.literal("objectStore"), ...ownKeys });

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
