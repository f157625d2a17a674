import {
  backupRoleName,
  dumpRoleName,
  dumpRoleSince,
  healthRoleName,
  ownerName,
  pgAdminRoleName,
  roleName,
  slotName,
  stackPrefix,
  superuserRecord,
} from "../../../contract/names";
import { backsUp } from "../../../contract/pgBackRest";
import { maintenanceDatabase } from "../../../contract/maintenanceDatabases";
import type { ApplicationRole } from "../settings";
import { collationDrift } from "./collationDrift";
import { drift } from "./drift";
import { observePrimary, type Warn } from "./observe";
import { observationPlace, type StackConfig } from "./place";
import { seenAt } from "./seen";

/** The stack whose primary is observed. */
export interface ObservedStack {
  project: string;
  stack: string;
  /** The roles that own databases of a managed primary. Default: none. */
  owners?: readonly ApplicationRole[];
}

/**
 * What others have changed on a stack's primary, a sentence by step. This runs in every preview.
 *
 * @param warn gets a sentence about what could not be looked at, and what an `up` with nothing to do would not
 * notice
 */
export async function observedDrift(
  config: StackConfig,
  { project, stack, owners = [] }: ObservedStack,
  warn?: Warn,
): Promise<Record<string, string>> {
  const prefix = stackPrefix(project, stack);
  const role = roleName(stack);
  const slots = Object.fromEntries(config.standbys.map(({ name }) => [name, slotName(name)]));
  const common = { stack: ownerName(project, stack), role, database: maintenanceDatabase };
  const { place, settings } = await observationPlace(config, prefix, common);
  const applications = owners.map((one) => ({ role: one.role, database: one.database }));
  const managed =
    config.primary.kind === "managed"
      ? {
          ...{ login: superuserRecord, applications, health: config.health !== undefined },
          parameters: Object.keys(config.primary.settings ?? {}).map((one) => one.toLowerCase()),
        }
      : undefined;
  const [observation, collations] = await Promise.all([
    observePrimary(place, settings, Object.values(slots), managed, warn),
    collationDrift(config, prefix),
  ]);
  const dumps = config.dumps && config.primary.version >= dumpRoleSince;
  const dumpRole = dumps ? { dumpRole: dumpRoleName(stack) } : {};
  const pages = config.pgAdmin && !config.pgAdmin.superuser;
  const pgAdminRole = pages ? { pgAdminRole: pgAdminRoleName(stack) } : {};
  const backupRole = backsUp(config.backups) ? { backupRole: backupRoleName(stack) } : {};
  const healthRole = config.health ? { healthRole: healthRoleName(stack) } : {};
  const expected = {
    owner: common.stack,
    role,
    ...dumpRole,
    ...pgAdminRole,
    ...backupRole,
    ...healthRole,
    applications,
    slots,
  };
  const found = { ...(observation ? drift(expected, observation) : {}), ...collations };
  return Object.fromEntries(
    Object.entries(found).map(([step, sentence]) => [step, seenAt(sentence)]),
  );
}
