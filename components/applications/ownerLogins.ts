import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Rotations } from "../../contract/rotations";
import type { Owner } from "../primary/owners";
import { type OwnerLogin, ownerLogin, ownerVerifier } from "./login";

export interface OwnerLoginsArgs {
  /** The roles, each with its database. */
  owners: readonly Owner[];
  /** How often a generated password was replaced, by role. Default: never. */
  rotations?: Rotations | undefined;
}

/** The login of an owner, with what the server stores of its password. */
export interface KnownLogin extends OwnerLogin {
  /** Of the same password it is the same, so that a step does not run again without a change. */
  verifier: pulumi.Output<string>;
}

/**
 * The logins of the roles that own databases. The pooler needs them before `Applications` makes the roles. Destroy
 * leaves them, because the data hold them too.
 */
export class OwnerLogins extends pulumi.ComponentResource {
  /** By database, in the order of the owners. */
  readonly byDatabase: ReadonlyMap<string, KnownLogin>;
  /** The same as a list. */
  readonly all: readonly KnownLogin[];

  constructor(name: string, args: OwnerLoginsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:OwnerLogins", name, {}, opts);
    const { owners, rotations = {} } = args;
    const logins = owners.map((owner) => {
      const rotation = rotations[owner.role];
      return ownerLogin(`${name}-${owner.role}`, { ...owner, rotation }, this);
    });
    // Destroy keeps what is protected, and what that depends on. So it keeps the passwords, which the data hold too. By
    // themselves they are not protected, so that an application can be taken away.
    const dependsOn = logins.flatMap(({ drawn }) => drawn);
    const own = { parent: this, protect: true, dependsOn };
    const salt = new random.RandomId(`${name}-salt`, { byteLength: 16 }, own).b64Std;
    this.byDatabase = new Map(
      owners.map(({ database }, i) => {
        const login = logins[i]!;
        return [database, { ...login, verifier: ownerVerifier(login, salt) }];
      }),
    );
    this.all = [...this.byDatabase.values()];
    this.registerOutputs({});
  }
}
