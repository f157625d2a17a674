import type * as pulumi from "@pulumi/pulumi";
import type { SecretField } from "../../contract/stackOutputs";

/** A stack output as the program declares it: a secret field is an Output that Pulumi resolves. */
export type Declared<T> = T extends object
  ? { [Key in keyof T]: Key extends SecretField ? pulumi.Output<T[Key]> : Declared<T[Key]> }
  : T;
