import { applicationsRules } from "./applications/rules";
import { dumpsRules } from "./backupAgent/rules";
import type { Config } from "./stack/configSchema";
import { duplicatiRules } from "./duplicati/rules";
import { healthRules } from "./health/rules";
import { poolerRules } from "./pgBouncer/rules";
import { backupsRules } from "./pgBackRest/rules";
import { rotationsRules } from "./rotations/rules";
import { memoryRules } from "./stack/memoryRules";
import { publishedPorts } from "./stack/ports";
import { databasesTwice, primaryRules, superuserLogins } from "./primary/rules";
import { needsStandby, remoteStandbys, standbyNames } from "./standby/rules";

/** The rules between keys: one sentence for each that is broken, without its full stop. */
export function checkStack(config: Config): string[] {
  return [
    ...standbyNames(config.standbys),
    ...needsStandby(config),
    ...databasesTwice(config.primary),
    ...applicationsRules(config),
    ...publishedPorts(config),
    ...primaryRules(config.primary),
    ...memoryRules(config),
    ...superuserLogins(config),
    ...remoteStandbys(config),
    ...dumpsRules(config),
    ...duplicatiRules(config),
    ...backupsRules(config),
    ...poolerRules(config),
    ...healthRules(config),
    ...rotationsRules(config),
  ];
}
