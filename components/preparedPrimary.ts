import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type * as z from "zod";
import { type PrimarySettings, roleName, scramVerifier, type StepName } from "../scripts/primary";
import type { Engine } from "./engine";
import type { accessSchema } from "./externalPrimary";
import { primaryStep, type PrimaryStepArgs } from "./primaryStep";
import { slotName } from "./standby";

type Values = PrimaryStepArgs["values"];
type Address = { host: string; port: number };

export interface PreparedPrimaryArgs {
  /** `<project>/<stack>`: with a number of its own it is recorded on the primary as the owner. */
  owner: string;
  stack: string;
  version: number;
  superuser: { name: string; password: pulumi.Input<string> };
  access: z.output<typeof accessSchema>;
  allowFrom: readonly string[];
  slotRetention: string;
  /** Each with the primary's address as its engine reaches it. At least one. */
  standbys: readonly { name: string; engine: Engine; address: Address }[];
  /** What was changed behind our back, by step: a sentence each. Shown in preview, mended by `up`. */
  drift: Readonly<Record<string, string>>;
  /**
   * Whether the primary's data outlive destroy, as a managed one's do. The owner's number stands
   * in them and is kept with them, or the next `up` would meet a stranger's role.
   */
  dataIsKept: boolean;
  /** What has to be there before the first step. */
  after: pulumi.Resource[];
}

/**
 * What standbys need on a primary, each an idempotent step with an inverse that destroy runs:
 * a replication role, the cap on what slots hold, a physical slot for each standby, a block in
 * pg_hba.conf. Another owner's are refused. Nothing of it restarts the primary.
 */
export class PreparedPrimary extends pulumi.ComponentResource {
  readonly user: string;
  readonly password: pulumi.Output<string>;

  constructor(
    name: string,
    private readonly args: PreparedPrimaryArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:PreparedPrimary", name, {}, opts);
    const [first] = args.standbys;
    if (!first) throw new Error("`standbys` must name at least one standby");
    this.user = roleName(args.stack);
    const owner = new random.RandomId(
      `${name}-owner`,
      { byteLength: 4 },
      { parent: this, protect: args.dataIsKept },
    );
    const salt = new random.RandomId(`${name}-salt`, { byteLength: 16 }, { parent: this });
    const password = new random.RandomPassword(
      `${name}-password`,
      { length: 32, special: false },
      { parent: this },
    );
    this.password = pulumi.secret(password.result);
    const settings = this.settings(owner.hex, first.address);
    const slots = args.standbys.map((standby) => slotName(standby.name));
    const verifier = pulumi
      .all([this.password, salt.b64Std])
      .apply(([text, bytes]) => scramVerifier(text, Buffer.from(bytes, "base64")));

    const step = (suffix: string, step: StepName, values: Values, dependsOn: pulumi.Resource[]) =>
      primaryStep(
        `${name}-${suffix}`,
        {
          step,
          settings,
          values,
          access: args.access,
          host: first.address.host,
          engine: first.engine,
          undo: step !== "preflight",
          ...(args.drift[suffix] ? { drift: args.drift[suffix] } : {}),
        },
        { parent: this, dependsOn },
      );
    const preflight = step("preflight", "preflight", { slots }, args.after);
    const role = step("role", "role", { verifier }, [preflight]);
    const cap = step("cap", "cap", { size: args.slotRetention }, [role]);
    const hba = step("hba", "hba", { allowFrom: [...args.allowFrom] }, [role]);
    for (const standby of args.standbys) {
      const slot = step(`slot-${standby.name}`, "slot", { slot: slotName(standby.name) }, [cap]);
      // From the standby's own engine: the address that counts is the one it connects from.
      primaryStep(
        `${name}-probe-${standby.name}`,
        {
          step: "probe",
          settings: this.settings(owner.hex, standby.address),
          values: { password: this.password },
          access: { kind: "sql" },
          host: standby.address.host,
          engine: standby.engine,
          undo: false,
        },
        { parent: this, dependsOn: [hba, slot] },
      );
    }
    this.registerOutputs({ user: this.user, ...first.address, slots });
  }

  private settings(id: pulumi.Output<string>, address: Address): pulumi.Output<PrimarySettings> {
    const { owner, superuser, version, access } = this.args;
    const transport: PrimarySettings["transport"] =
      access.kind === "ssh"
        ? { kind: "ssh", sudo: access.sudo, ...(access.psql ? { psql: access.psql } : {}) }
        : { kind: "sql" };
    return pulumi.all([id, superuser.password]).apply(([number, superuserPassword]) => ({
      stack: `${owner}#${number}`,
      role: this.user,
      ...address,
      superuser: superuser.name,
      superuserPassword,
      database: "postgres",
      version,
      transport,
    }));
  }
}
