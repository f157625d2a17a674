import type { Repository } from "./repositories";

/** The stack's own object store, as far as sentences name it. */
interface OwnStore {
  /** The bucket. */
  bucket: string;
}

/** Where a repository is, for sentences: the volume, the folder, or the bucket with its server. */
export function locationOf(
  { config }: Repository,
  volume: string,
  objectStore: OwnStore | undefined,
): string {
  switch (config.type) {
    case "posix":
      return config.path ?? `volume ${volume}`;
    case "objectStore":
      return `bucket ${objectStore?.bucket ?? ""} of the stack's object store`;
    case "s3":
      return `bucket ${config.bucket} at ${config.endpoint ?? `Amazon S3 in ${config.region}`}, ${config.path}`;
    case "azure":
      return `container ${config.container} of ${config.account} at ${config.endpoint ?? "Azure"}, ${config.path}`;
    case "gcs":
      return `bucket ${config.bucket} at Google Cloud Storage, ${config.path}`;
  }
}
