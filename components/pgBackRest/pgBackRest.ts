import * as pulumi from "@pulumi/pulumi";
import { pgBackRestVolumes } from "../../contract/pgBackRest";
import type { StackContext } from "../kit/context";
import { generatedPassword } from "../kit/password";
import { keptVolume, passingVolume } from "../kit/volume";
import type { PgBackRestVolumes } from "./mounts";

export interface PgBackRestArgs {
  /** The stack, with the engine that runs the primary. */
  stack: StackContext;
}

const role = "primary";

/**
 * What pgBackRest needs before the primary starts: its volumes, and the passphrase of encrypted repositories. Every
 * managed primary has them, with and without backups, so that switching backups on or off restarts nothing.
 * Destroy leaves the repositories and the passphrase, and `up` goes on with both.
 */
export class PgBackRest extends pulumi.ComponentResource {
  /** The configuration, the repositories and the spool. */
  readonly volumes: PgBackRestVolumes;
  /**
   * What encrypts repositories where no other passphrase is set. It is there even where nothing is encrypted:
   * a protected resource cannot go with a key of the stack file.
   */
  readonly passphrase: pulumi.Output<string>;

  constructor(name: string, args: PgBackRestArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:PgBackRest", name, {}, opts);
    const { stack } = args;
    const names = pgBackRestVolumes(stack.prefix);
    const own = { role, stack };
    this.volumes = {
      conf: passingVolume(`${name}-conf`, { ...own, volume: names.conf }, this),
      repositories: keptVolume(
        `${name}-repositories`,
        { ...own, volume: names.repositories },
        this,
      ),
      spool: passingVolume(`${name}-spool`, { ...own, volume: names.spool }, this),
    };
    const kept = { parent: this, protect: true };
    this.passphrase = generatedPassword(`${name}-passphrase`, {}, kept);
    this.registerOutputs({});
  }
}
