import * as pulumi from "@pulumi/pulumi";
import type { SuperuserLoginInput } from "../../scripts/primary";
import type { StackContext } from "../kit/context";
import { ignoredDrift } from "../kit/drift";
import { localProgram } from "../kit/localProgram";
import type { Primary } from "./primary";

export interface SuperuserLoginArgs {
  /** The stack, with the primary's engine. */
  stack: StackContext;
  /** The primary whose superuser gets its password. */
  primary: Primary;
  /** The pooler in front of it. Default: none. */
  pooler?: PoolerLogin | undefined;
  /** Roles in the pooler's userlist, with what the server stores of their passwords. Default: none. */
  roles?: readonly { name: string; verifier: pulumi.Input<string> }[] | undefined;
  /** A sentence that says that somebody changed the password. Default: nobody did. */
  drift?: string | undefined;
}

/** The pooler, as far as the superuser's password concerns it. */
interface PoolerLogin {
  /** The container's name. */
  containerName: string;
  /** The container. A new one gets the userlist again. */
  container: pulumi.CustomResource;
  /** userlist.txt, with the superuser's password in it. A change is applied without cutting a client. */
  userlist: pulumi.Input<string>;
}

/**
 * Sets the superuser's password of a managed primary on the running server, and gives the pooler its
 * userlist in the same step: no client is cut, because clients wait meanwhile. What logs in as the
 * superuser over TCP depends on this. Destroy undoes nothing.
 */
export class SuperuserLogin extends pulumi.ComponentResource {
  /** What needs the password in force depends on this. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: SuperuserLoginArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:SuperuserLogin", name, {}, opts);
    const { stack, primary, pooler, roles = [], drift } = args;
    const logins = roles.map(({ name: own, verifier }) => ({ name: own, verifier }));
    const stdin = pulumi
      .all([primary.password, pooler?.container.id, pooler?.userlist, pulumi.output(logins)])
      .apply(([password, id, userlist, known]) => {
        const input: SuperuserLoginInput = { password };
        if (!pooler) return JSON.stringify(input);
        input.pooler = { container: pooler.containerName, id: id ?? "", userlist: userlist ?? "" };
        if (known.length > 0) input.pooler.roles = known;
        return JSON.stringify(input);
      });
    this.ready = localProgram(
      `${name}-login`,
      {
        program: "primaryLogin",
        words: [primary.host],
        engine: stack.engine,
        stdin,
        // Another container may have other data.
        triggers: [primary.container.id],
        drift,
      },
      {
        parent: this,
        dependsOn: [primary.ready, ...(pooler ? [pooler.container] : [])],
        ignoreChanges: ignoredDrift(drift),
        // In older states it is a child of the primary.
        aliases: [{ parent: primary.urn }],
      },
    );
    this.registerOutputs({});
  }
}
