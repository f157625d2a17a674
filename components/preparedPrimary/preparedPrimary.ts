import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  dumpRoleName,
  pgAdminRoleName,
  roleName,
  slotName,
  stepResource,
} from "../../contract/names";
import type { StepValues } from "../../scripts/primary";
import type { Address } from "../kit/address";
import { generateCredentials } from "../kit/credentials";
import type { Engine } from "../kit/engine";
import type { Collation } from "../standby/collationCheck";
import { placeOfSteps } from "./externalPrimary";
import { primarySettings, type PrimarySettingsArgs } from "./settings";
import { type DeclareStep, type PrimaryStep, primaryStep } from "./step";

export interface PreparedPrimaryArgs extends PrimarySettingsArgs {
  /** Networks in CIDR form, or `samenet`, that standbys connect from. Applied by a reload. */
  allowFrom: readonly string[];
  /** The slot WAL limit, max_slot_wal_keep_size, such as 10GB. Applied by a reload. */
  slotRetention: string;
  /** The tablespaces that the standbys have a place for. The preflight refuses any other. */
  tablespaces: Readonly<Record<string, string>>;
  /** Each database that the preflight looks for, with the key that names it. Default: none. */
  databases?: Readonly<Record<string, string>>;
  /** At least one. A new one gets a slot; the slot of one that is gone is dropped. */
  standbys: readonly PreparedStandby[];
  /**
   * Whether to create a role that dumps: it reads everything and is no superuser. PostgreSQL 14 and
   * newer know such a role. Default false; turning it off drops the role.
   */
  dumps?: boolean;
  /**
   * Whether to create a role that pgAdmin connects by: it looks, from PostgreSQL 14 on also reads,
   * and writes nothing. Default false; turning it off drops the role.
   */
  pgAdmin?: boolean;
  /**
   * Whether `pg_hba.conf` lets the role of restores in. It exists only while a restore runs. Default
   * false. Applied by a reload.
   */
  restores?: boolean;
  /**
   * How many connections the pooler may open on the primary. A primary that has fewer, with ten for
   * others, is refused before anything is touched. Default 0: there is no pooler.
   */
  pooled?: number;
  /**
   * Whether to ask how the primary sorts text. Default false: it has our own image, and sorts as its
   * standbys do.
   */
  probesCollation?: boolean;
  /**
   * What somebody changed on the primary, by step: a sentence each. Preview shows it, and `up`
   * repairs it.
   */
  drift: Readonly<Record<string, string>>;
  /**
   * Whether destroy keeps the primary's data, as it does for a managed one. The data hold the owner's
   * number, so it is kept too: without it the next `up` would refuse the role as another owner's.
   */
  dataIsKept: boolean;
  /** What has to be there before the first step. */
  after: pulumi.Resource[];
}

/** A standby that gets a slot. */
export interface PreparedStandby {
  /** Its name. */
  name: string;
  /** The engine that runs it. */
  engine: Engine;
  /** The primary as that engine reaches it. */
  address: Address;
}

/** A role of the stack on the primary. */
export interface StackRole {
  /** Its name. */
  name: string;
  /** Its password. */
  password: pulumi.Output<string>;
}

/**
 * What a stack needs on a primary: a replication role, a limit on the WAL that slots keep, a slot for
 * each standby, a block in pg_hba.conf, and roles that dump and look. Each is an idempotent step that destroy
 * takes back. What another owner made is refused. Nothing restarts the primary.
 */
export class PreparedPrimary extends pulumi.ComponentResource {
  /** The replication role. */
  readonly user: string;
  /** The replication role's password. */
  readonly password: pulumi.Output<string>;
  /** With `probesCollation`: what its standbys need to sort text as it does. */
  readonly collation?: Collation;
  /** With `dumps`: the role that dumps. */
  readonly dumpRole?: StackRole;
  /** With `pgAdmin`: the role that pgAdmin connects by. */
  readonly pgAdminRole?: StackRole;
  private readonly place: ReturnType<typeof placeOfSteps>;

  constructor(
    private readonly name: string,
    private readonly args: PreparedPrimaryArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:PreparedPrimary", name, {}, opts);
    const [first] = args.standbys;
    if (!first) throw new Error("`standbys` must name at least one standby");
    this.user = roleName(args.stack.stack);
    this.place = placeOfSteps(name, args.dataIsKept, this);
    const number = new random.RandomId(
      `${name}-owner`,
      { byteLength: 4 },
      { parent: this, protect: args.dataIsKept },
    ).hex;
    const { password, verifier } = generateCredentials(name, this);
    this.password = password;
    const step = this.stepsFrom(first, number);
    const { slotRetention: size, dumps, pgAdmin, restores, pooled = 0, dataIsKept: managed } = args;
    const slots = args.standbys.map((standby) => slotName(standby.name));
    const allowFrom = [...args.allowFrom];
    const wanted = Object.entries({ dumps, pgAdmin, restores }).filter(([, has]) => has);
    const letIn = Object.fromEntries(wanted) as Pick<StepValues, "dumps" | "pgAdmin" | "restores">;
    const needs = { ...letIn, ...(pooled ? { pooled } : {}), size, allowFrom, managed };
    const places = { tablespaces: { ...args.tablespaces }, databases: { ...args.databases } };
    const preflight = step("preflight", { slots, ...needs, ...places }, []);
    if (args.probesCollation) this.collation = this.probed(first, number, step, preflight);
    const role = step("role", { verifier }, [preflight]);
    const roles = [role];
    const reader = (key: "dumps" | "pgAdmin", named: string): StackRole => {
      const own = generateCredentials(`${name}-${key}`, this);
      roles.push(step(key, { verifier: own.verifier }, [role]));
      return { name: named, password: own.password };
    };
    if (dumps) this.dumpRole = reader("dumps", dumpRoleName(args.stack.stack));
    if (pgAdmin) this.pgAdminRole = reader("pgAdmin", pgAdminRoleName(args.stack.stack));
    const limit = step("slotWalLimit", { size }, [role]);
    const hba = step("hba", { allowFrom, ...letIn }, roles);
    for (const standby of args.standbys) {
      const slot = step("slot", { slot: slotName(standby.name) }, [limit], `slot-${standby.name}`);
      // From the standby's own engine, because its address is the one that pg_hba.conf must allow.
      this.stepsFrom(standby, number, { kind: "sql" })(
        "probe",
        { password },
        [hba, slot],
        `probe-${standby.name}`,
      );
    }
    this.place.complete();
    this.registerOutputs({ user: this.user, ...first.address, slots });
  }

  /** Declares steps that begin at a standby's engine. */
  private stepsFrom(
    { engine, address }: PreparedStandby,
    number: pulumi.Output<string>,
    access = this.args.access,
  ): DeclareStep {
    const settings = primarySettings(this.args, number, address);
    return (step, values, dependsOn, key = step) =>
      primaryStep(
        `${this.name}-${stepResource(key)}`,
        {
          step,
          settings,
          values,
          access,
          host: address.host,
          engine,
          undo: !["preflight", "collation", "probe"].includes(step),
          once: step === "collation",
          drift: this.args.drift[key],
        },
        // A step that goes together with a managed primary is undone before that stops.
        { ...this.place.options, dependsOn: [...this.args.after, ...dependsOn] },
      );
  }

  private probed(
    { engine, address }: PreparedStandby,
    number: pulumi.Output<string>,
    step: DeclareStep,
    preflight: PrimaryStep,
  ): Collation {
    const { access, drift } = this.args;
    const settings = primarySettings(this.args, number, address);
    return {
      probe: step("collation", {}, [preflight]).stdout,
      settings,
      access,
      host: address.host,
      engine,
      drift,
    };
  }
}
