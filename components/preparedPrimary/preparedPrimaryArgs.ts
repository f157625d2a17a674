import type * as pulumi from "@pulumi/pulumi";
import type { Rotations } from "../../contract/rotations";
import type { PrimarySettingsArgs } from "./settings";
import type { StepsPlace } from "./step";

export interface PreparedPrimaryArgs extends PrimarySettingsArgs {
  /** Networks in CIDR form, or `samenet`, that standbys connect from. Applied by a reload. */
  allowFrom: readonly string[];
  /** The slot WAL limit, max_slot_wal_keep_size, such as 10GB. Applied by a reload. */
  slotRetention: string;
  /** The tablespaces that the standbys have a place for. The preflight refuses any other. */
  tablespaces: Readonly<Record<string, string>>;
  /** Each database that the preflight looks for, with the key that names it. Default: none. */
  databases?: Readonly<Record<string, string>>;
  /** A new one gets a slot; the slot of one that is gone is dropped. Without one, the steps begin at `near`. */
  standbys: readonly PreparedStandby[];
  /** The stack's own engine, and the primary as that one reaches it. */
  near: StepsPlace;
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
   * Whether to create a role that backs up: it starts and stops backups over the server's own socket, without a
   * password, and reads no table. Default false; turning it off drops the role.
   */
  backups?: boolean;
  /**
   * Whether to create the monitor's role: it looks at the server, and on a primary that Laterbase runs it updates one
   * row, the heartbeat. Default false; turning it off drops both.
   */
  health?: boolean;
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
   * repairs it. By `empty` the primary has no data, and by `gone` its data may be others: then every step
   * runs again.
   */
  drift: Readonly<Record<string, string>>;
  /**
   * Whether destroy keeps the primary's data, as it does for a managed one. The data hold the owner's
   * number, so it is kept too: without it the next `up` would refuse the role as another owner's.
   */
  dataIsKept: boolean;
  /** How often the passwords of `replication`, `dumps`, `pgadmin` and `health` were replaced. Default: never. */
  rotations?: Rotations | undefined;
  /** What has to be there before the first step. */
  after: pulumi.Resource[];
}

/** A standby that gets a slot, with the engine that runs it. */
export interface PreparedStandby extends StepsPlace {
  /** Its name. */
  name: string;
}
