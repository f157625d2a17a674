import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  dumpRoleName,
  healthRoleName,
  pgAdminRoleName,
  roleName,
  slotName,
  stepResource,
} from "../../contract/names";
import type { StepValues } from "../../scripts/primary";
import { generateCredentials } from "../kit/credentials";
import type { Collation } from "../standby/collationCheck";
import { placeOfSteps } from "./externalPrimary";
import type { PreparedPrimaryArgs } from "./preparedPrimaryArgs";
import { primarySettings } from "./settings";
import { type DeclareStep, type PrimaryStep, primaryStep, type StepsPlace } from "./step";

/** A role of the stack on the primary. */
export interface StackRole {
  /** Its name. */
  name: string;
  /** Its password. */
  password: pulumi.Output<string>;
}

/** The replication role. */
export interface ReplicationLogin {
  /** Its name. */
  user: string;
  /** Its password. */
  password: pulumi.Output<string>;
  /** The password that it had first, where it has another one now. */
  firstPassword?: pulumi.Output<string>;
}

/**
 * What a stack needs on a primary: a replication role, a limit on the WAL that slots keep, a slot for
 * each standby, a block in pg_hba.conf, and roles that dump, look, back up and watch. Each is an idempotent step that destroy
 * takes back. What another owner made is refused. Nothing restarts the primary.
 */
export class PreparedPrimary extends pulumi.ComponentResource {
  /** How standbys log in. */
  readonly replication: ReplicationLogin;
  /** With `probesCollation`: what its standbys need to sort text as it does. */
  readonly collation?: Collation;
  /** With `dumps`: the role that dumps. */
  readonly dumpRole?: StackRole;
  /** With `pgAdmin`: the role that pgAdmin connects by. */
  readonly pgAdminRole?: StackRole;
  /** With `health`: the monitor's role. */
  readonly healthRole?: StackRole;
  /** The number by which the primary knows the stack. */
  readonly number: pulumi.Output<string>;
  /** The first step that changes something: more steps on the primary depend on it. */
  readonly recorded: pulumi.Resource;
  private readonly place: ReturnType<typeof placeOfSteps>;

  constructor(
    private readonly name: string,
    private readonly args: PreparedPrimaryArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:PreparedPrimary", name, {}, opts);
    const [first = args.near] = args.standbys;
    this.place = placeOfSteps(name, args.dataIsKept, this);
    const number = new random.RandomId(
      `${name}-owner`,
      { byteLength: 4 },
      { parent: this, protect: args.dataIsKept },
    ).hex;
    this.number = number;
    const { rotations = {} } = args;
    const rotation = rotations["replication"];
    const { password, first: drawn, verifier } = generateCredentials(name, { rotation }, this);
    const user = roleName(args.stack.stack);
    this.replication = { user, password, ...(rotation ? { firstPassword: drawn } : {}) };
    const step = this.stepsFrom(first, number);
    const { slotRetention: size, dumps, pgAdmin, restores, backups, health, pooled = 0 } = args;
    const managed = args.dataIsKept;
    const slots = args.standbys.map((standby) => slotName(standby.name));
    const allowFrom = [...args.allowFrom];
    const all = Object.entries({ dumps, pgAdmin, restores, backups, health });
    const wanted = all.filter(([, has]) => has);
    const letIn = Object.fromEntries(wanted) as Pick<
      StepValues,
      "dumps" | "pgAdmin" | "restores" | "backups" | "health"
    >;
    const needs = { ...letIn, ...(pooled ? { pooled } : {}), size, allowFrom, managed };
    const places = { tablespaces: { ...args.tablespaces }, databases: { ...args.databases } };
    const preflight = step("preflight", { slots, ...needs, ...places }, []);
    if (args.probesCollation) this.collation = this.probed(first, number, step, preflight);
    const role = step("role", { verifier }, [preflight]);
    this.recorded = role;
    const roles: pulumi.Resource[] = [role];
    const reader = (key: "dumps" | "pgAdmin" | "health", named: string): StackRole => {
      const rotation = rotations[key.toLowerCase()];
      const own = generateCredentials(`${name}-${key}`, { rotation }, this);
      const { verifier } = own;
      roles.push(step(key, key === "health" ? { verifier, managed } : { verifier }, [role]));
      return { name: named, password: own.password };
    };
    if (dumps) this.dumpRole = reader("dumps", dumpRoleName(args.stack.stack));
    if (pgAdmin) this.pgAdminRole = reader("pgAdmin", pgAdminRoleName(args.stack.stack));
    if (backups) roles.push(step("backups", {}, [role]));
    if (health) this.healthRole = reader("health", healthRoleName(args.stack.stack));
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
    this.registerOutputs({ user, ...first.address, slots });
  }

  /** Declares steps that begin at an engine. */
  private stepsFrom(
    { engine, address }: StepsPlace,
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
          // Data that were copied or restored hold what we made, and not all of it.
          drift: this.args.drift[key] ?? this.args.drift["gone"],
          empty: this.args.drift["empty"],
        },
        // A step that goes together with a managed primary is undone before that stops.
        { ...this.place.options, dependsOn: [...this.args.after, ...dependsOn] },
      );
  }

  private probed(
    { engine, address }: StepsPlace,
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
