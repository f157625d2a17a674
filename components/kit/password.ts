import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { generationName } from "../../contract/rotations";

/** How a password is drawn. */
export interface PasswordArgs {
  /**
   * How often it was replaced, from `laterbase:rotations`. Each number is a password of its own. Default 0: the
   * first one. A number that is two or more greater than the last one is refused where the password is protected.
   */
  rotation?: number | undefined;
}

/** The passwords of a secret. */
export interface DrawnPasswords {
  /** The one that was drawn first. It stays, for what was made with it. */
  first: pulumi.Output<string>;
  /** The one that is in force. */
  current: pulumi.Output<string>;
  /** What holds them, for what depends on them. */
  resources: pulumi.Resource[];
}

/**
 * A password of 32 letters and digits. Another one is drawn only for another `rotation`, and when its resource is
 * deleted.
 *
 * @param opts with `protect` where data that outlive the stack can only be read with this password
 */
export function generatedPassword(
  name: string,
  args: PasswordArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  return drawnPasswords(name, args, opts).current;
}

/**
 * The same, with the first one. A later one is one more resource, because Pulumi refuses to replace a protected
 * one. The one before it stays for one more rotation without its protection, and can be deleted then.
 */
export function drawnPasswords(
  name: string,
  { rotation = 0 }: PasswordArgs,
  opts: pulumi.CustomResourceOptions,
): DrawnPasswords {
  const first = draw(name, opts);
  if (rotation === 0) return { ...both(first, first), resources: [first] };
  if (rotation > 1 && opts.protect)
    draw(generationName(name, rotation - 1), { ...opts, protect: false });
  const current = draw(generationName(name, rotation), opts);
  return { ...both(first, current), resources: [first, current] };
}

const both = (first: random.RandomPassword, current: random.RandomPassword) => ({
  first: pulumi.secret(first.result),
  current: pulumi.secret(current.result),
});

function draw(name: string, opts: pulumi.CustomResourceOptions): random.RandomPassword {
  return new random.RandomPassword(name, { length: 32, special: false }, opts);
}
