import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { dumpRoleName, roleName, type StepName } from "../../scripts/primary";
import { generateCredentials } from "../kit/credentials";
import type { Engine } from "../kit/engine";
import { primarySettings, type PrimarySettingsArgs } from "./settings";
import { primaryStep, type PrimaryStepArgs } from "./step";
import { slotName } from "../../contract/names";
import type { TextOrder } from "../standby/collationCheck";

type Values = PrimaryStepArgs["values"];

export interface PreparedPrimaryArgs extends PrimarySettingsArgs {
  allowFrom: readonly string[];
  slotRetention: string;
  /** The primary's tablespaces that the standbys have a place for; the preflight refuses others. */
  tablespaces: Readonly<Record<string, string>>;
  /** Each with the primary's address as its engine reaches it. At least one. */
  standbys: readonly { name: string; engine: Engine; address: { host: string; port: number } }[];
  /**
   * Whether to make a role that dumps: one that reads everything and is no superuser. Only
   * PostgreSQL 14 and newer know such a role. Default false; turning it off drops the role.
   */
  dumps?: boolean;
  /**
   * How many connections the pooler may open on the primary. Default 0: there is none. A primary
   * that has not as many, and ten for others, is refused before anything is touched.
   */
  pooled?: number;
  /**
   * Whether to ask how the primary sorts text. Default false: it is a server of our own image, and
   * sorts as its standbys do.
   */
  probesOrder?: boolean;
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
 * pg_hba.conf, and what dumps need: a role. Another owner's are refused. Nothing of it restarts
 * the primary.
 */
export class PreparedPrimary extends pulumi.ComponentResource {
  readonly user: string;
  readonly password: pulumi.Output<string>;
  /** With `probesOrder`: what its standbys need to sort text as it does. */
  readonly textOrder?: TextOrder;
  /** Who dumps, with `dumps`. */
  readonly dumpRole?: { name: string; password: pulumi.Output<string> };

  constructor(name: string, args: PreparedPrimaryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:PreparedPrimary", name, {}, opts);
    const [first] = args.standbys;
    if (!first) throw new Error("`standbys` must name at least one standby");
    this.user = roleName(args.stack);
    const owner = new random.RandomId(
      `${name}-owner`,
      { byteLength: 4 },
      { parent: this, protect: args.dataIsKept },
    );
    const { password, verifier } = generateCredentials(name, this);
    this.password = password;
    const settings = primarySettings(args, owner.hex, first.address);
    const slots = args.standbys.map((standby) => slotName(standby.name));
    const dumps = args.dumps ? { dumps: true } : {};

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
          undo: step !== "preflight" && step !== "collation",
          once: step === "collation",
          ...(args.drift[suffix] ? { drift: args.drift[suffix] } : {}),
        },
        { parent: this, dependsOn },
      );
    const needs = {
      ...dumps,
      ...(args.pooled ? { pooled: args.pooled } : {}),
      size: args.slotRetention,
      allowFrom: [...args.allowFrom],
      tablespaces: { ...args.tablespaces },
      managed: args.dataIsKept,
    };
    const preflight = step("preflight", "preflight", { slots, ...needs }, args.after);
    if (args.probesOrder) {
      const probe = step("order", "collation", {}, [preflight]).stdout;
      const { access, drift } = args;
      const { engine } = first;
      this.textOrder = { probe, settings, access, host: first.address.host, engine, drift };
    }
    const role = step("role", "role", { verifier }, [preflight]);
    const ready = [role];
    if (args.dumps) {
      const own = generateCredentials(`${name}-dumps`, this);
      this.dumpRole = { name: dumpRoleName(args.stack), password: own.password };
      ready.push(step("dumps", "dumps", { verifier: own.verifier }, [role]));
    }
    const cap = step("cap", "cap", { size: args.slotRetention }, [role]);
    const hba = step("hba", "hba", { allowFrom: [...args.allowFrom], ...dumps }, ready);
    for (const standby of args.standbys) {
      const slot = step(`slot-${standby.name}`, "slot", { slot: slotName(standby.name) }, [cap]);
      // From the standby's own engine: the address that counts is the one it connects from.
      primaryStep(
        `${name}-probe-${standby.name}`,
        {
          step: "probe",
          settings: primarySettings(args, owner.hex, standby.address),
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
}
