import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { scramVerifier } from "../../scripts/primary";
import { drawnPasswords, type PasswordArgs } from "./password";

/** How a role of ours logs in. */
interface Credentials {
  /** What clients send. It never reaches the server's log. */
  password: pulumi.Output<string>;
  /** The password that was drawn first. It is no longer valid after a rotation. */
  first: pulumi.Output<string>;
  /** What the server stores: a SCRAM verifier of the password. */
  verifier: pulumi.Output<string>;
}

/**
 * A generated password, `<name>-password`, and its SCRAM verifier. Destroy drops the role, so it
 * deletes them too, and the next `up` draws others.
 */
export function generateCredentials(
  name: string,
  args: PasswordArgs,
  parent: pulumi.Resource,
): Credentials {
  const salt = new random.RandomId(`${name}-salt`, { byteLength: 16 }, { parent });
  const { first, current: password } = drawnPasswords(`${name}-password`, args, { parent });
  const verifier = pulumi
    .all([password, salt.b64Std])
    .apply(([text, bytes]) => scramVerifier(text, Buffer.from(bytes, "base64")));
  return { password, first, verifier };
}
