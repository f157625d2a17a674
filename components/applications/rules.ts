import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import { type OwnersConfig, ownersOf } from "../primary/owners";
import type { ApplicationConfig } from "./schema";

/** The rules of applications: one sentence for each that is broken, without its full stop. */
export function applicationsRules(config: OwnersConfig): string[] {
  const { primary, applications = {} } = config;
  if (primary.kind === "external") {
    if (Object.keys(applications).length === 0) return [];
    return [
      "laterbase:applications must be left out where laterbase:primary.kind is external: Laterbase makes roles " +
        "for applications only on a primary that it runs",
    ];
  }
  const all = Object.entries(applications);
  const broken = all.flatMap(([name, one]) => [
    ...nameRules(name),
    ...databaseRules(name, one, all),
    ...migrateRules(name, one),
  ]);
  return broken.length > 0 ? broken : ownNames(config);
}

/** A name that every place takes as it is: URIs, shells, pgBouncer's files and PostgreSQL. */
const plainName = /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/;

function nameRules(name: string): string[] {
  const key = `laterbase:applications names "${name}", which`;
  if (!plainName.test(name)) {
    return [
      `${key} must be a name of 1 to 63 letters, digits, _, . and -, such as jarvis: so is its role named`,
    ];
  }
  const why = reserved(name);
  return why ? [`${key} cannot be the name of a role: ${why}; name it otherwise, such as app`] : [];
}

/** Why no role of an application may have this name. Undefined when it may. */
function reserved(name: string): string | undefined {
  if (name === "postgres") return "so is the superuser named";
  if (/^laterbase(_|$)/.test(name)) return "so are Laterbase's own roles named";
  if (/^pg_/.test(name) || name === "public" || name === "none") {
    return "PostgreSQL keeps it for itself";
  }
  return undefined;
}

function databaseRules(
  name: string,
  { database }: ApplicationConfig,
  all: readonly [string, ApplicationConfig][],
): string[] {
  const key = `laterbase:applications.${name}.database`;
  if (database === maintenanceDatabase) {
    return [
      `${key} must not be "${database}", which belongs to the superuser; name one of its own, such as ${name}`,
    ];
  }
  const [first] = all.find(([, other]) => other.database === database)!;
  if (first === name) return [];
  return [
    `${key} must not be "${database}", which laterbase:applications.${first} owns; a database has one application`,
  ];
}

function migrateRules(name: string, { migrate }: ApplicationConfig): string[] {
  if (!migrate) return [];
  const { directory, container } = migrate;
  if ((directory === undefined) !== (container === undefined)) return [];
  const now = directory === undefined ? "neither is set" : "both are set";
  return [
    `laterbase:applications.${name}.migrate must have either directory or container, which say where its command ` +
      `runs; ${now}`,
  ];
}

/** Databases without an application: their own names become names of roles. */
function ownNames(config: OwnersConfig): string[] {
  const owners = ownersOf(config);
  return owners.flatMap(({ role, database, key }) => {
    if (key !== "laterbase:primary.databases") return [];
    const other = owners.find((one) => one.role === role && one.database !== database);
    const why =
      reserved(role) ?? (other ? `so is the application of "${other.database}" named` : undefined);
    if (why === undefined) return [];
    return [
      `laterbase:primary.databases names "${database}", whose owner cannot be named so (${why}); name an application ` +
        `for it, such as laterbase:applications: { app: { database: ${JSON.stringify(database)} } }`,
    ];
  });
}
