import type * as pulumi from "@pulumi/pulumi";
import {
  type PgBackRestFeatures,
  pgBackRestPaths,
  posixRepository,
} from "../../contract/pgBackRest";
import type { ObjectStoreAccess } from "../objectStore/access";
import type { ConfigurationFile } from "./configurationFile";
import type { Repository } from "./repositories";
import { type Line, option } from "./text";
import { hostAndPort } from "./values";

interface Needed {
  /** The release that reads it. */
  release: PgBackRestFeatures["release"];
  /** The generated passphrase. */
  passphrase?: pulumi.Input<string> | undefined;
  /** The stack's own object store. */
  objectStore?: ObjectStoreAccess | undefined;
}

/** A repository's lines, and the files that they name. */
interface Rendered {
  lines: Line[];
  files: ConfigurationFile[];
}

/** The folder of a repository in the stack's own object store. */
export const ownFolder = "/pgbackrest";

/** The lines of a repository for the section [global]. */
export function renderRepository(repository: Repository, needed: Needed): Rendered {
  const { number, retention, bundle, block } = repository;
  const set = (name: string, value: pulumi.Input<string | number>) =>
    option(`repo${number}-${name}`, value);
  const { lines, files } = placeOf(repository, needed);
  const passphrase = passphraseOf(repository, needed);
  return {
    lines: [
      ...lines,
      ...(passphrase === undefined
        ? []
        : [set("cipher-type", "aes-256-cbc"), set("cipher-pass", passphrase)]),
      ...(bundle ? [set("bundle", "y")] : []),
      ...(block ? [set("block", "y")] : []),
      set("retention-full", retention.full),
      set("retention-full-type", retention.fullType),
      set("retention-diff", retention.diff),
    ],
    files,
  };
}

function passphraseOf(
  { passphrase }: Repository,
  needed: Needed,
): pulumi.Input<string> | undefined {
  if (passphrase !== "generated") return passphrase;
  if (needed.passphrase === undefined) throw new Error("`passphrase` must be the generated one");
  return needed.passphrase;
}

/** Where a repository is, and how pgBackRest gets there. */
function placeOf({ number, config }: Repository, { release, objectStore }: Needed): Rendered {
  switch (config.type) {
    case "posix":
      return rendered(number, { type: "posix", path: posixRepository(number) });
    case "s3": {
      const server = hostAndPort(config.endpoint ?? `s3.${config.region}.amazonaws.com`);
      return s3(number, { ...config, ...server, folder: config.path });
    }
    case "objectStore": {
      if (!objectStore) throw new Error("`objectStore` must be the stack's own");
      return s3(number, { ...objectStore, uriStyle: "path", folder: ownFolder });
    }
    case "azure": {
      const { container, account, key, path, endpoint, ca } = config;
      const at = { type: "azure", path, "azure-container": container, "azure-account": account };
      const options = { ...at, "azure-key": key, ...azureServer(endpoint, release) };
      return rendered(number, options, { "storage-ca-file": ["ca.crt", ca] });
    }
    case "gcs": {
      const { bucket, key, path } = config;
      const at = { type: "gcs", path, "gcs-bucket": bucket, "gcs-key-type": "service" };
      return rendered(number, at, { "gcs-key": ["gcs-key.json", key, "0640"] });
    }
  }
}

/** A server of one's own has the account in the path. 2.33 has no option for that, and does so for any `storage-host`. */
function azureServer(endpoint: string | undefined, release: Needed["release"]): Options {
  if (endpoint === undefined) return {};
  const { host, port } = hostAndPort(endpoint);
  if (port === undefined) return { "azure-endpoint": host };
  const path =
    release === "2.33"
      ? { "storage-host": host }
      : { "azure-endpoint": host, "azure-uri-style": "path" };
  return { ...path, "storage-port": port };
}

/** A bucket as pgBackRest reaches it. */
interface S3Place extends Omit<ObjectStoreAccess, "port" | "ca"> {
  port?: number | undefined;
  ca?: pulumi.Input<string> | undefined;
  uriStyle: "host" | "path";
  folder: string;
}

function s3(number: number, at: S3Place): Rendered {
  const options = {
    ...{ type: "s3", path: at.folder, "s3-bucket": at.bucket, "s3-endpoint": at.host },
    ...{ "s3-region": at.region, "s3-uri-style": at.uriStyle, "storage-port": at.port },
    ...{ "s3-key": at.accessKey, "s3-key-secret": at.secretKey },
  };
  return rendered(number, options, { "storage-ca-file": ["ca.crt", at.ca] });
}

type Options = Record<string, pulumi.Input<string | number> | undefined>;

/** By the option that names it: the end of a file's name, its text, its mode. */
type Files = Record<
  string,
  [name: string, content?: pulumi.Input<string>, mode?: ConfigurationFile["mode"]]
>;

function rendered(number: number, options: Options, named: Files = {}): Rendered {
  const files = Object.entries(named).flatMap(([name, [end, content, mode = "0644" as const]]) =>
    content === undefined ? [] : [{ name, file: { name: `repo${number}-${end}`, content, mode } }],
  );
  const lines = Object.entries({
    ...options,
    ...Object.fromEntries(
      files.map(({ name, file }) => [name, `${pgBackRestPaths.conf}/${file.name}`]),
    ),
  });
  return {
    lines: lines.flatMap(([name, value]) =>
      value === undefined ? [] : [option(`repo${number}-${name}`, value)],
    ),
    files: files.map(({ file }) => file),
  };
}
