import type { WantedRole } from "../../contract/health/config";
import { roleName } from "../../contract/names";
import { type ReaderKind, readersBeside } from "../../scripts/primary";
import { primaryNeeds } from "../preparedPrimary/needs";
import { ownersOf } from "../primary/owners";
import type { Config } from "./configSchema";

const purposes: Readonly<Record<ReaderKind, string>> = {
  dumps: "which dumps",
  pgAdmin: "by which pgAdmin connects",
  backups: "which backs up",
  health: "by which the monitor looks",
};

/** The roles that `up` makes on a primary, as the monitor's own role can see them. */
export function wantedRoles(config: Config, stack: string): WantedRole[] {
  const needs = primaryNeeds(config);
  const name = roleName(stack);
  const readers = Object.entries(readersBeside(name, needs.version)) as [
    ReaderKind,
    ReturnType<typeof readersBeside>[ReaderKind],
  ][];
  const plain = { replicates: false, bypassesPolicies: false, memberships: [], settings: {} };
  return [
    {
      ...{ ...plain, name, purpose: "by which standbys replicate" },
      ...{ replicates: true, connections: -1 },
    },
    ...readers
      .filter(([kind]) => needs[kind])
      .map(([kind, { role, bypassesPolicies, connections, memberships, settings }]) => ({
        ...{ name: role, purpose: purposes[kind], replicates: false, bypassesPolicies },
        ...{ connections, memberships, settings },
      })),
    ...ownersOf(config).map(({ role, database }) => ({
      ...{ ...plain, name: role, purpose: `which owns the database "${database}"`, database },
    })),
  ];
}

/** The parameters of a managed primary whose values ALTER SYSTEM would overrule, and that `up` takes back. */
export function wantedSettings({ primary }: Pick<Config, "primary">): string[] {
  if (primary.kind !== "managed") return [];
  return [...archiveParameters, ...Object.keys(primary.settings ?? {})].map((one) =>
    one.toLowerCase(),
  );
}

const archiveParameters = ["archive_command", "archive_library", "archive_timeout"];
