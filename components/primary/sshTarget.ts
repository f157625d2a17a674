import * as pulumi from "@pulumi/pulumi";
import type { SshTarget } from "../../scripts/primary";
import type { Access } from "./externalSchema";

/** The primary's own machine as a program reaches it over SSH. Undefined where access is by SQL. */
export function sshTarget(access: Access, host: string): pulumi.Output<SshTarget | undefined> {
  if (access.kind === "sql") return pulumi.output(undefined);
  const { user, port, hostKey } = access;
  return pulumi
    .output(access.privateKey)
    .apply((privateKey) => ({ host, port, user, hostKey, privateKey }));
}
