import type * as pulumi from "@pulumi/pulumi";
import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import type { PrimaryConfig } from "./schema";

/** The keys that decide who owns which database. */
export interface OwnersConfig {
  /** `laterbase:primary`. */
  primary: PrimaryConfig;
  /** `laterbase:applications`, by name. Default: none. */
  applications?:
    | Readonly<Record<string, { database: string; password?: pulumi.Output<string> | undefined }>>
    | undefined;
}

/** A role that owns one database. */
export interface Owner {
  /** The role's name: the application's, or that of a database without one. */
  role: string;
  /** Its database. */
  database: string;
  /** The configured password. Default: a generated one. */
  password?: pulumi.Output<string> | undefined;
  /** The key that asks for the role. */
  key: string;
}

/**
 * The roles that own databases of a managed primary: those of the applications, then one for each other database,
 * with its name. `postgres` belongs to the superuser. An external primary has none of ours.
 */
export function ownersOf({ primary, applications = {} }: OwnersConfig): Owner[] {
  if (primary.kind !== "managed") return [];
  const named = Object.entries(applications).map(([role, { database, password }]) => ({
    ...{ role, database, password },
    key: `laterbase:applications.${role}`,
  }));
  const owned = new Set([maintenanceDatabase, ...named.map(({ database }) => database)]);
  const others = primary.databases.filter((database) => !owned.has(database));
  return [
    ...named,
    ...others.map((name) => ({ role: name, database: name, key: "laterbase:primary.databases" })),
  ];
}

/** The databases of a stack: those that `primary.databases` names, and those that only an application names. */
export function databasesOf({ primary, applications = {} }: OwnersConfig): string[] | "*" {
  const { kind, databases } = primary;
  if (databases === "*" || kind === "external") return databases;
  const more = Object.values(applications).map(({ database }) => database);
  return [...new Set([...databases, ...more])];
}

/** The same where names are needed. The rules between keys refuse "*" there. */
export function namedDatabases(config: OwnersConfig): string[] {
  const databases = databasesOf(config);
  return databases === "*" ? [] : databases;
}
