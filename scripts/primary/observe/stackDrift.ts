import {
  backupRoleName,
  dumpRoleName,
  dumpRoleSince,
  ownerName,
  pgAdminRoleName,
  roleName,
  slotName,
  stackPrefix,
  superuserRecord,
} from "../../../contract/names";
import { backsUp } from "../../../contract/pgBackRest";
import { maintenanceDatabase } from "../../../contract/maintenanceDatabases";
import { visible } from "../../../contract/visible";
import { collationDrift } from "./collationDrift";
import { drift } from "./drift";
import { observePrimary, type Warn } from "./observe";
import { observationPlace, type StackConfig } from "./place";

/**
 * What others have changed on a stack's primary, a sentence by step. This runs in every preview.
 *
 * @param warn gets a sentence about what could not be looked at, and what an `up` with nothing to do would not
 * notice
 */
export async function observedDrift(
  config: StackConfig,
  { project, stack }: { project: string; stack: string },
  warn?: Warn,
): Promise<Record<string, string>> {
  const prefix = stackPrefix(project, stack);
  const role = roleName(stack);
  const slots = Object.fromEntries(config.standbys.map(({ name }) => [name, slotName(name)]));
  const common = { stack: ownerName(project, stack), role, database: maintenanceDatabase };
  const { place, settings } = await observationPlace(config, prefix, common);
  const login = config.primary.kind === "managed" ? superuserRecord : undefined;
  const [observation, collations] = await Promise.all([
    observePrimary(place, settings, Object.values(slots), login, warn),
    collationDrift(config, prefix),
  ]);
  const dumps = config.dumps && config.primary.version >= dumpRoleSince;
  const dumpRole = dumps ? { dumpRole: dumpRoleName(stack) } : {};
  const pages = config.pgAdmin && !config.pgAdmin.superuser;
  const pgAdminRole = pages ? { pgAdminRole: pgAdminRoleName(stack) } : {};
  const backupRole = backsUp(config.backups) ? { backupRole: backupRoleName(stack) } : {};
  const expected = { owner: common.stack, role, ...dumpRole, ...pgAdminRole, ...backupRole, slots };
  const found = { ...(observation ? drift(expected, observation) : {}), ...collations };
  // The state keeps the last sentence. Without its time, the same change made again later would
  // look like the one that was repaired.
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  return Object.fromEntries(
    Object.entries(found).map(([step, sentence]) => [step, `${visible(sentence)} (seen ${at})`]),
  );
}
