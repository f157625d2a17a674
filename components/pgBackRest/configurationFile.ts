import type * as pulumi from "@pulumi/pulumi";

/** A file of pgBackRest's configuration. */
export interface ConfigurationFile {
  /** Its path below /etc/pgbackrest, such as conf.d/repo.conf. */
  name: string;
  /** Its text. One with a secret in it is a secret. */
  content: pulumi.Input<string>;
  /** 0640 for what holds a secret: PostgreSQL's group reads it. */
  mode: "0644" | "0640";
}
