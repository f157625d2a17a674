import type * as pulumi from "@pulumi/pulumi";

/** What a client needs to use the object store from the stack's network. */
export interface ObjectStoreAccess {
  /** The name in the stack's network. The certificate has it. */
  host: string;
  /** The port in the stack's network. `laterbase:objectStore.port` does not change it. */
  port: number;
  /** The bucket. It is there when `ObjectStore.ready` is. */
  bucket: string;
  /** The region that requests are signed for. */
  region: string;
  /** The access key. A secret, as is the next. */
  accessKey: pulumi.Output<string>;
  /** The secret key. */
  secretKey: pulumi.Output<string>;
  /** The certificate of the authority that signed the server's, PEM. It is public. */
  ca: pulumi.Output<string>;
}
