import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { applicationKey } from "../../contract/names";
import type { PrimarySettings } from "../../scripts/primary";
import { primarySettings, type PrimarySettingsArgs } from "../preparedPrimary/settings";
import { primaryStep, type StepsPlace } from "../preparedPrimary/step";
import { type OwnerLogin, ownerLogin, ownerVerifier } from "./login";
import type { Owner } from "../primary/owners";

export interface ApplicationsArgs extends Omit<PrimarySettingsArgs, "access"> {
  /** The roles, each with its database. One that is taken away may not log in any more. */
  owners: readonly Owner[];
  /** The stack's own engine, and the primary as that one reaches it. */
  near: StepsPlace;
  /** The primary's container. Another one may have other data, so the steps run again. */
  container: docker.Container;
  /** The number by which the primary knows the stack. */
  number: pulumi.Output<string>;
  /** What somebody changed on the primary, by step: a sentence each. Preview shows it, and `up` repairs it. */
  drift: Readonly<Record<string, string>>;
  /** What has to be there before the first step. */
  after: pulumi.Resource[];
}

/** All steps reach a managed primary by SQL. */
const access = { kind: "sql" } as const;

/**
 * The roles that own the databases of a managed primary. Each step makes a role and its database, where they are
 * missing, and gives the role what the superuser has there. Another password is set on the running server, and
 * nothing restarts. Nothing is ever dropped: without its step, a role may not log in any more.
 */
export class Applications extends pulumi.ComponentResource {
  /** The logins of the owners, by database. They are in force when the steps have run. */
  readonly logins: ReadonlyMap<string, OwnerLogin>;
  /** What needs the roles and their databases depends on these. */
  readonly steps: readonly pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: ApplicationsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Applications", name, {}, opts);
    const { owners, number, near } = args;
    const logins = owners.map((owner) => ownerLogin(`${name}-${owner.role}`, owner, this));
    // Destroy keeps what is protected, and what that depends on. So it keeps the passwords, which the data hold too. By
    // themselves they are not protected, so that an application can be taken away.
    const dependsOn = logins.flatMap(({ drawn }) => drawn ?? []);
    const own = { parent: this, protect: true, dependsOn };
    const salt = new random.RandomId(`${name}-salt`, { byteLength: 16 }, own).b64Std;
    const settings = primarySettings({ ...args, access }, number, near.address);
    this.logins = new Map(owners.map(({ database }, i) => [database, logins[i]!]));
    this.steps = owners.map((owner, i) =>
      this.step(owner, ownerVerifier(logins[i]!, salt), settings),
    );
    this.registerOutputs({ roles: owners.map(({ role }) => role) });
  }

  /** A changed password is set here, and nowhere else. */
  private step(
    { role, database, key }: Owner,
    verifier: pulumi.Output<string>,
    settings: pulumi.Output<PrimarySettings>,
  ): pulumi.Resource {
    const { near, container, drift, after } = this.args;
    return primaryStep(
      `${this.name}-${role}`,
      {
        step: "application",
        settings,
        values: { application: { role, database, key }, verifier, container: container.id },
        access,
        host: near.address.host,
        engine: near.engine,
        undo: true,
        drift: drift[applicationKey(role)],
      },
      { parent: this, dependsOn: after },
    );
  }
}
