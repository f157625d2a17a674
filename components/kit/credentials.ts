import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { scramVerifier } from "../../scripts/primary";

/** How a role of ours logs in. */
export interface Credentials {
  password: pulumi.Output<string>;
  /** What the server gets instead: the password itself never reaches it, nor its log. */
  verifier: pulumi.Output<string>;
}

/**
 * A generated password, `<name>-password`, and its SCRAM verifier. They go with the role that a
 * destroy drops, so nothing keeps them: the next `up` draws others.
 */
export function generateCredentials(name: string, parent: pulumi.Resource): Credentials {
  const salt = new random.RandomId(`${name}-salt`, { byteLength: 16 }, { parent });
  const drawn = new random.RandomPassword(
    `${name}-password`,
    { length: 32, special: false },
    { parent },
  );
  const password = pulumi.secret(drawn.result);
  const verifier = pulumi
    .all([password, salt.b64Std])
    .apply(([text, bytes]) => scramVerifier(text, Buffer.from(bytes, "base64")));
  return { password, verifier };
}
