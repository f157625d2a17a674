import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { nameOf as name } from "../schema/bucket";

// Every value here becomes a line of pgBackRest's configuration, `option=value`. So none of them may have a line
// break, nor space at an end, which pgBackRest cuts off.

const bySecret = "set with `pulumi config set --secret --path`";

/** A secret on one line of pgBackRest's configuration. The parser returns a secret Output. */
const secretLine = (pattern: RegExp, expected: string) =>
  z
    .string({ error: `must be a text, ${bySecret}` })
    .regex(pattern, `must be ${expected}, ${bySecret}`)
    .meta({ secret: true });

const line = "a text of 1 to 500 characters on one line without space at its ends";

/** A secret that pgBackRest takes as it is. */
export const SecretLine = secretLine(
  /^(?=.{1,500}$)[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u,
  line,
).transform((text) => pulumi.secret(text));

/** The name of an access key. It is no secret, but some people encrypt it, and then the state may not show it. */
export const AccessKey = z
  .string({ error: "must be the name of an access key, such as AKIAIOSFODNN7EXAMPLE" })
  .regex(
    /^[!-~]{1,200}$/,
    "must be the name of an access key in printable ASCII without spaces, such as AKIAIOSFODNN7EXAMPLE",
  )
  .meta({ secret: true, plain: /^/ })
  .transform((text) => pulumi.secret(text));

/** The shared key of an Azure storage account. */
export const AzureKey = secretLine(
  /^[A-Za-z0-9+/]{4,}={0,2}$/,
  "the account's shared key in base64",
).transform((text) => pulumi.secret(text));

/** The JSON key of a Google service account, as the console saves it. */
export const GcsKey = z
  .string({ error: `must be the JSON key of a service account, ${bySecret}` })
  .refine(isServiceKey, {
    error: `must be the JSON key of a service account, with client_email, private_key and token_uri, ${bySecret}`,
  })
  .meta({ secret: true })
  .transform((text) => pulumi.secret(text));

function isServiceKey(text: string): boolean {
  try {
    const key = JSON.parse(text) as Record<string, unknown> | null;
    return ["client_email", "private_key", "token_uri"].every(
      (name) => typeof key?.[name] === "string",
    );
  } catch {
    return false;
  }
}

/** The name of a GCS bucket. https://cloud.google.com/storage/docs/buckets#naming */
export const GcsBucket = name(
  /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/,
  "a bucket",
  "a–z, 0–9, ., _ and -",
  "homelab-backups",
);

/** The name of an Azure container. */
export const AzureContainer = name(
  /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  "a container",
  "3 to 63 of a–z, 0–9 and -",
  "homelab-backups",
);

/** The name of an Azure storage account. */
export const AzureAccount = name(
  /^[a-z0-9]{3,24}$/,
  "a storage account",
  "3 to 24 of a–z and 0–9",
  "homelabstorage",
);

/** A region of S3. */
export const Region = name(
  /^[A-Za-z0-9-]{1,60}$/,
  "a region",
  "letters, digits and -",
  "us-east-1",
);

const endpoint =
  "must be a host name or an address, with a port if it is not 443, such as s3.nas.local:7070";

/** Where an object store listens: `host` or `host:port`. pgBackRest speaks TLS to it. */
export const Endpoint = z
  .string({ error: endpoint })
  .transform((text, context) => {
    const bare = text.replace(/^https:\/\//i, "").replace(/\/$/, "");
    if (/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[1-9][0-9]{0,4})?$/.test(bare))
      return bare;
    const message = /^http:\/\//i.test(text)
      ? `${endpoint}, without http://, because pgBackRest speaks only TLS`
      : endpoint;
    context.issues.push({ code: "custom", message, input: text });
    return z.NEVER;
  })
  .meta({ values: "`host` or `host:port`" });

/** The host and the port of an `Endpoint`. */
export function hostAndPort(text: string): { host: string; port?: number } {
  const [host = "", port] = text.split(":");
  return port === undefined ? { host } : { host, port: Number(port) };
}

/** Certificates in PEM. */
export const Certificates = z
  .string({ error: "must be certificates in PEM, such as the text of ca.crt" })
  .regex(
    /^\s*(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
    "must be certificates in PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
  )
  .meta({ values: "certificates in PEM" });

/** A folder inside a bucket or container. */
export const BucketFolder = z
  .string({ error: "must be a folder of the bucket, such as /pgbackrest" })
  .regex(
    /^\/(?:(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+\/?)*$/,
    "must be a folder of the bucket that begins with /, of letters, digits, ., _ and -, such as /pgbackrest",
  )
  .meta({ values: "folder of the bucket" });

/** A folder of the engine's machine. */
export const EngineFolder = z
  .string({ error: "must be a folder of the engine's machine, such as /srv/repository" })
  .regex(
    /^\/(?!\.{0,2}\/?$)[^\p{C}:]+$/u,
    "must be an absolute path of the engine's machine without a colon, such as /srv/repository",
  )
  .meta({ values: "absolute path" });
