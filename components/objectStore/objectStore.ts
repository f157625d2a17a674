import * as pulumi from "@pulumi/pulumi";
import type { StackContext } from "../kit/context";
import type { ObjectStoreAccess } from "./access";

export interface ObjectStoreArgs {
  /** The stack, with the engine that runs the object store. */
  stack: StackContext;
  /** `laterbase:objectStore`. Another port restarts the store; another bucket is made beside the old one. */
  config: { port: number; bucket: string };
  /** The image of versitygw. A change restarts the store and keeps its data. */
  image: pulumi.Input<string>;
}

/** versitygw, an S3 server for a stack that has none. */
export abstract class ObjectStore extends pulumi.ComponentResource {
  /** The container's name. */
  abstract readonly containerName: string;
  /** What clients in the stack's network need. */
  abstract readonly access: ObjectStoreAccess;
  /** What uses the bucket depends on this. */
  abstract readonly ready: pulumi.Resource;

  constructor(name: string, _args: ObjectStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:ObjectStore", name, {}, opts);
  }
}
