import * as pulumi from "@pulumi/pulumi";
import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import { ownerName, ownerRecord, roleName } from "../../contract/names";
import type { PrimarySettings } from "../../scripts/primary";
import type { Address } from "../kit/address";
import type { StackContext } from "../kit/context";
import type { Access } from "../primary/externalSchema";

export interface PrimarySettingsArgs {
  /**
   * The stack. Roles are named after it. The primary records it, with the stack's random number, as
   * the owner.
   */
  stack: StackContext;
  /** The server's major version. Another one is refused before anything is touched. */
  version: number;
  /** Who prepares the primary. A changed password runs every step again. */
  superuser: Superuser;
  /** How the steps reach the primary. A change runs every step again. */
  access: Access;
}

/** A superuser with its password. */
export interface Superuser {
  /** The role's name. */
  name: string;
  /** Empty where the server asks for none. */
  password: pulumi.Input<string>;
}

/** The primary at an address, as the scripts of its steps see it. */
export function primarySettings(
  { stack: { project, stack }, version, superuser, access }: PrimarySettingsArgs,
  number: pulumi.Input<string>,
  address: Address,
): pulumi.Output<PrimarySettings> {
  const transport: PrimarySettings["transport"] =
    access.kind === "ssh"
      ? { kind: "ssh", sudo: access.sudo, ...(access.psql ? { psql: access.psql } : {}) }
      : { kind: "sql" };
  return pulumi.all([number, superuser.password]).apply(([hex, superuserPassword]) => ({
    stack: ownerRecord(ownerName(project, stack), hex),
    role: roleName(stack),
    ...address,
    superuser: superuser.name,
    superuserPassword,
    database: maintenanceDatabase,
    version,
    transport,
  }));
}
