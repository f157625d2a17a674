import { z } from "zod";
import { S3Bucket } from "../schema/bucket";
import { Port } from "../schema/primitives";
import { strict } from "../schema/strict";

/** `laterbase:objectStore`. */
export const objectStoreSchema = strict({
  port: Port.meta({
    description: "The port to publish, by TLS.",
    change: "A change restarts the object store; the objects stay.",
    example: 7070,
  }),
  bucket: S3Bucket.default("backups").meta({
    description: "The bucket, which `up` makes.",
    change: "A change makes another bucket; the old one stays with its objects.",
    example: "homelab-backups",
  }),
});

/** The object store as configured. */
export type ObjectStoreConfig = z.output<typeof objectStoreSchema>;
