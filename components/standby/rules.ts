import { isReservedRole } from "../../contract/names";
import type { PrimaryConfig } from "../primary/schema";
import { isAny, isLoopback } from "../schema/primitives";
import type { StandbyConfig } from "./schema";

/** What the rules of standbys read of a configuration. */
interface StandbyRulesConfig {
  /** The engine of the stack. Default: the local one. */
  dockerHost?: string | undefined;
  /** Where the stack's ports listen. */
  bindAddress: string;
  /** The primary that the standbys follow. */
  primary: PrimaryConfig;
  /** The standbys. */
  standbys: readonly StandbyConfig[];
}

/** The rules of the standbys' names: one sentence for each that is broken, without its full stop. */
export function standbyNames(standbys: readonly StandbyConfig[]): string[] {
  const names = standbys.map(({ name }) => name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  return [
    ...twice.map((name) => `laterbase:standbys names "${name}" twice; a standby's name is its own`),
    ...names
      .filter(isReservedRole)
      .map(
        (name) =>
          `laterbase:standbys must not name a standby "${name}", because a container of another kind ` +
          'has that name; choose another one, such as "standby"',
      ),
  ];
}

/** A managed primary may do without one. An external one has nothing else to recover from. */
export function needsStandby({
  primary,
  standbys,
}: Pick<StandbyRulesConfig, "primary" | "standbys">): string[] {
  if (primary.kind === "managed" || standbys.length > 0) return [];
  return [
    "laterbase:standbys must name at least one standby of an external primary, such as " +
      "[{ name: standby, port: 5433 }]",
  ];
}

/** A standby on another engine reaches a managed primary through its published port only. */
export function remoteStandbys(config: StandbyRulesConfig): string[] {
  const { primary, bindAddress } = config;
  if (primary.kind !== "managed") return [];
  const remote = config.standbys.filter(
    (standby) => (standby.dockerHost ?? config.dockerHost) !== config.dockerHost,
  );
  return remote.flatMap(({ name }) => [
    ...(isLoopback(bindAddress) || isAny(bindAddress)
      ? [
          `laterbase:bindAddress must be an address at which the engine of standby "${name}" ` +
            `reaches the primary, such as 192.168.1.10; it is ${bindAddress}`,
        ]
      : []),
    ...(primary.allowFrom.length === 0
      ? [
          `laterbase:primary.allowFrom must name the network that standby "${name}" connects ` +
            "from, such as [192.168.1.0/24]",
        ]
      : []),
  ]);
}
