import { dumpRoleSince } from "../../scripts/primary";
import type { Config } from "../config";
import { pooledConnections } from "../pgBouncer/sizes";

/** What a configuration asks of its primary, whoever prepares it or only looks at it. */
export interface PrimaryNeeds {
  version: number;
  allowFrom: readonly string[];
  slotRetention: string;
  tablespaces: Readonly<Record<string, string>>;
  /** Whether a role that dumps is made there. */
  dumps: boolean;
  /** How many connections the pooler may open there. */
  pooled: number;
  /** Whether Laterbase runs it: its data outlive destroy. */
  managed: boolean;
}

export function primaryNeeds(config: Config): PrimaryNeeds {
  const { primary } = config;
  const managed = primary.kind === "managed";
  return {
    version: primary.version,
    // The stack's own network, where containers' addresses are not known beforehand.
    allowFrom: managed ? ["samenet", ...primary.allowFrom] : primary.allowFrom,
    slotRetention: primary.slotRetention,
    tablespaces: managed ? {} : primary.tablespaces,
    dumps: config.dumps !== undefined && primary.version >= dumpRoleSince,
    // A managed primary gets as many as are needed.
    pooled: managed ? 0 : pooledConnections(config),
    managed,
  };
}
