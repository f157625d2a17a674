import { z } from "zod";

/** A name of what an object store has, by its shape in words. */
export const nameOf = (pattern: RegExp, what: string, shape: string, example: string) =>
  z
    .string({ error: `must be the name of ${what}, such as ${example}` })
    .regex(pattern, `must be the name of ${what}: ${shape}, such as ${example}`);

/** The name of an S3 bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const S3Bucket = nameOf(
  /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  "a bucket",
  "3 to 63 of a–z, 0–9, . and -",
  "homelab-backups",
);
