import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { scramVerifier } from "../../scripts/primary";
import { drawnPassword } from "../kit/password";
import type { Owner } from "../primary/owners";

/** How the owner of a database logs in. */
export interface OwnerLogin {
  /** The role. */
  name: string;
  /** What clients send. It never reaches the server's log. */
  password: pulumi.Output<string>;
  /** What draws it. Absent where the password is configured. */
  drawn?: pulumi.Resource;
}

/** The password of a role that owns a database: as configured, or generated. */
export function ownerLogin(
  name: string,
  { role, password }: Owner,
  parent: pulumi.Resource,
): OwnerLogin {
  if (password) return { name: role, password };
  const drawn = drawnPassword(`${name}-password`, { parent });
  return { name: role, password: pulumi.secret(drawn.result), drawn };
}

/**
 * What the server stores of the password. The same password gives the same verifier, so that the step does not run
 * again without a change.
 *
 * @param salt a random text of the stack
 */
export function ownerVerifier(
  { name, password }: OwnerLogin,
  salt: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.all([password, salt]).apply(([text, common]) => {
    const own = createHash("sha256").update(`${common} ${name}`).digest().subarray(0, 16);
    return scramVerifier(text, own);
  });
}
