import * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import { type PrimarySettings, roleName } from "../../scripts/primary";
import type { accessSchema } from "../primary/externalSchema";

export interface PrimarySettingsArgs {
  /** `<project>/<stack>`: with a number of its own it is recorded on the primary as the owner. */
  owner: string;
  stack: string;
  version: number;
  superuser: { name: string; password: pulumi.Input<string> };
  access: z.output<typeof accessSchema>;
}

/** The primary at an address, as the scripts of its steps see it. */
export function primarySettings(
  { owner, stack, version, superuser, access }: PrimarySettingsArgs,
  number: pulumi.Input<string>,
  address: { host: string; port: number },
): pulumi.Output<PrimarySettings> {
  const transport: PrimarySettings["transport"] =
    access.kind === "ssh"
      ? { kind: "ssh", sudo: access.sudo, ...(access.psql ? { psql: access.psql } : {}) }
      : { kind: "sql" };
  return pulumi.all([number, superuser.password]).apply(([hex, superuserPassword]) => ({
    stack: `${owner}#${hex}`,
    role: roleName(stack),
    ...address,
    superuser: superuser.name,
    superuserPassword,
    database: "postgres",
    version,
    transport,
  }));
}
