import type * as pulumi from "@pulumi/pulumi";
import type { Repository } from "./repositories";
import type { BackupsConfig } from "./schema";

/** The stack's own object store, as pgBackRest reaches it. */
export interface ObjectStoreTarget {
  /** The host, by its name in the stack's network. */
  host: string;
  /** The port there. */
  port: number;
  bucket: string;
  region: string;
  accessKey: pulumi.Input<string>;
  /** The secret of the access key. */
  secretKey: pulumi.Input<string>;
  /** The CA that signed the server's certificate, in PEM. */
  ca: pulumi.Input<string>;
}

export interface ConfigurationArgs {
  /** `laterbase:backups`. */
  backups: BackupsConfig;
  /** Its repositories, from `repositoriesOf`. Empty: archiving is off, and there are no files. */
  repositories: readonly Repository[];
  /** PostgreSQL's major version, which decides what pgBackRest knows. */
  version: number;
  /** The role that backs up. */
  role: string;
  /** Whether a standby on the same engine is there to read. Before 15 none is read. */
  standby: boolean;
  /** The generated passphrase. Needed where `needsPassphrase` says so. */
  passphrase?: pulumi.Input<string> | undefined;
  /** Needed by a repository of that type. */
  objectStore?: ObjectStoreTarget | undefined;
}

/** A file of pgBackRest's configuration. */
export interface ConfigurationFile {
  /** Its path below /etc/pgbackrest, such as conf.d/repo.conf. */
  name: string;
  /** Its text. One with a secret in it is a secret. */
  content: pulumi.Input<string>;
  /** 0640 for what holds a secret: PostgreSQL's group reads it. */
  mode: "0644" | "0640";
}

/**
 * pgBackRest's whole configuration, for every container that mounts it. pgBackRest reads it at each call.
 * What is not in it is on the command line of the agent: `--repo`, `--type`, `--backup-standby`.
 */
export function renderConfiguration(args: ConfigurationArgs): ConfigurationFile[] {
  throw new Error(`not rendered yet: ${args.version}`);
}
