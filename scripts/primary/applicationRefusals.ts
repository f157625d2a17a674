import type { StepValues } from "./settings";

/**
 * What the step of a role that owns a database refuses, a sentence each for `format` of SQL. The role, the database and
 * the key are the configuration's; %1$s and %2$s are what the server says.
 */
export function applicationRefusals({
  role,
  database,
  key,
}: NonNullable<StepValues["application"]>): Record<string, string> {
  const named = key.startsWith("laterbase:applications");
  const [r, d, k] = [role, database, key].map((one) => one.replace(/%/g, "%%"));
  const otherwise = named
    ? "give the application another name"
    : `name an application for the database, such as laterbase:applications: { app: { database: ${JSON.stringify(d)} } }`;
  return {
    // Not by `format`: it has nothing of the server.
    applicationOfOthers: `Role "${role}" (${key}) is on the primary already and was not made by Laterbase: drop or rename it, or ${named ? otherwise : otherwise.replace(/%%/g, "%")}.`,
    // Nor this one.
    beingRestored: `Database "${database}" is being restored, or a restore of it was interrupted: nothing was changed. Run 'up' again when the restore has ended. What an interrupted one left is named at the end of the next restore-dump.`,
    databaseOfOthers: `Database "${d}" (${k}) belongs to role "%1$s", which Laterbase did not make: nothing was changed. ALTER DATABASE "${d}" OWNER TO postgres lets "${r}" own it; what "%1$s" has in it stays with "%1$s".`,
    eventTrigger: `Database "${d}" has the event trigger "%1$s", which fires ALWAYS or on REPLICA and would run as the superuser: ALTER EVENT TRIGGER "%1$s" ENABLE, run 'up', and set it back.`,
    notGiven: `%1$s of the superuser's objects in database "${d}" cannot be given to "${r}", all others are: %2$s`,
    inUse: `%1$s of the superuser's objects in database "${d}" are in use and still have no other owner, such as %2$s: run 'up' again when the long transaction (a dump, for example) has ended.`,
  };
}
