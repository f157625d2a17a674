import {
  allSteps,
  any,
  containers,
  logins,
  parts,
  program,
  type Rule,
  say,
  servers,
  steps,
} from "./covers";

const newLogins = say("open connections stay, new logins need the new one");

/** What another secret leads to, by its name in `laterbase:rotations`. */
export const rotationRules: Readonly<Record<string, Rule>> = {
  "rotations.superuser": { covers: any(servers, allSteps), note: newLogins },
  "rotations.replication": { covers: any(parts("standby"), steps("role")) },
  "rotations.dumps": { covers: any(containers("agent"), steps("dumps")) },
  "rotations.pooler": { covers: any(parts("pooler"), program("login"), containers("health")) },
  "rotations.pgadmin": {
    covers: any(parts("pgAdmin"), steps("pgAdmin")),
    note: say("passwords that people saved in pgAdmin are lost"),
  },
  "rotations.duplicati": { covers: any(parts("duplicati"), containers("agent")) },
  "rotations.objectStore": {
    covers: any(parts("objectStore", "backups"), containers("agent")),
    note: say("clients of your own need the new keys"),
  },
  "rotations.health": { covers: any(containers("health", "agent"), steps("health")) },
  "rotations.*": { covers: logins, note: newLogins },
};
