import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * A password of 32 letters and digits. Another one is drawn only when its resource is deleted.
 *
 * @param opts with `protect` where data that outlive the stack can only be read with this password
 */
export function generatedPassword(
  name: string,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  return pulumi.secret(drawnPassword(name, opts).result);
}

/** The same as a resource, for what depends on it. */
export function drawnPassword(
  name: string,
  opts: pulumi.CustomResourceOptions,
): random.RandomPassword {
  return new random.RandomPassword(name, { length: 32, special: false }, opts);
}
