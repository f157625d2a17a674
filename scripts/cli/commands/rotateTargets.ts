import type { Config } from "../../../components/config";
import { dumpRoleSince } from "../../../contract/names";
import { quoted } from "../../../contract/quoting";
import {
  isRotationTarget,
  type RotationTarget,
  rotationTargets,
} from "../../../contract/rotations";
import { type Owner, ownersOf } from "../../../components/primary/owners";
import { keyText } from "../../../components/stack/keyText";
import { CliError } from "../terminal/cliError";

/** A secret that can be replaced. */
export interface Rotation {
  /** Its name in `laterbase:rotations`. */
  name: string;
  /** What people have to do afterwards, a sentence each. */
  notes: string[];
}

/**
 * The secret that the operator named. A role that owns a database without an application has the database's name.
 *
 * @throws CliError for a name that there is not, and for a secret that cannot be replaced like this
 */
export function targetNamed(typed: string, config: Config, stack: string): Rotation {
  const owners = ownersOf(config);
  const own = owners.find(({ role }) => role === typed);
  if (own && !isRotationTarget(typed)) return ownerOf(own, stack);
  const name = rotationTargets.find((one) => one.toLowerCase() === typed.toLowerCase());
  if (name === undefined) throw unknown(typed, owners);
  const refusal = refusals[name]?.(config, stack);
  if (refusal !== undefined) throw new CliError(refusal, 4);
  return { name, notes: notes[name]?.(config, stack) ?? [] };
}

function ownerOf({ role, database, password }: Owner, stack: string): Rotation {
  if (password !== undefined)
    throw new CliError(configured(["applications", role, "password"], stack), 4);
  return {
    name: role,
    notes: [
      `What uses the database ${quoted(database)} needs its new connection. Connections that are open stay; new logins need the new password.`,
    ],
  };
}

/** Secrets that are no passwords of logins. What is encrypted with one can be read only with that one. */
const passphrases: Readonly<Record<string, string>> = {
  repositories:
    "The passphrase of a repository cannot be replaced: its backups are encrypted with it. Add a new repository with a passphrase of its own to laterbase:backups.repositories, make a full backup in it, and take the old repository out when you no longer need its backups.",
  uploads:
    "The passphrase of Duplicati's job cannot be replaced: its archives are encrypted with it. Set laterbase:duplicati.passphrase together with a new, empty laterbase:duplicati.target, and keep the old passphrase as long as the old archives.",
};

const passphraseNames: Readonly<Record<string, keyof typeof passphrases>> = {
  backups: "repositories",
  "backups.encryption": "repositories",
  encryption: "repositories",
  passphrase: "repositories",
  repository: "repositories",
  pgbackrest: "repositories",
  "duplicati.passphrase": "uploads",
};

function unknown(typed: string, owners: readonly Owner[]): CliError {
  const passphrase = passphraseNames[typed.toLowerCase().replace(/^laterbase:/, "")];
  if (passphrase !== undefined) return new CliError(passphrases[passphrase]!, 4);
  const names = [...new Set([...owners.map(({ role }) => role), ...rotationTargets])].join(", ");
  return new CliError(`There is no secret "${typed}" to replace: choose from ${names}.`, 2);
}

function configured(path: readonly string[], stack: string): string {
  const flag = stack === "dev" ? "" : ` --stack ${stack}`;
  const key = keyText(path);
  return (
    `This password is configured: ${key} in the stack file. Change it there, then bring the stack up: ` +
    `npm run pulumi -- config set --secret --path '${key}'${flag}`
  );
}

type OfConfig<T> = Partial<Record<RotationTarget, (config: Config, stack: string) => T>>;

/** Why a secret cannot be replaced; undefined: it can. */
const refusals: OfConfig<string | undefined> = {
  superuser: ({ primary }, stack) => {
    if (primary.kind === "external")
      return "The superuser of an external primary is yours: change its password on that server, and laterbase:primary.superuser.password with it.";
    return primary.superuser?.password && configured(["primary", "superuser", "password"], stack);
  },
  dumps: ({ dumps, primary }) => {
    if (!dumps) return without("dumps", "dumps");
    if (primary.version >= dumpRoleSince) return undefined;
    return `Before PostgreSQL ${dumpRoleSince} dumps log in as the superuser: replace the secret of superuser.`;
  },
  pooler: ({ pooler }) => (pooler ? undefined : without("pooler", "pooler")),
  pgadmin: ({ pgAdmin }) => (pgAdmin ? undefined : without("pgAdmin", "pgAdmin")),
  duplicati: ({ duplicati }) => (duplicati ? undefined : without("Duplicati", "duplicati")),
  objectStore: ({ objectStore }) =>
    objectStore ? undefined : without("object store", "objectStore"),
  health: ({ health }) => (health ? undefined : without("monitor", "health")),
};

const without = (what: string, key: string): string =>
  `The stack has no ${what}: laterbase:${key} is not in the stack file.`;

const notes: OfConfig<string[]> = {
  superuser: ({ pooler }) => [
    "Connections that are open stay. New logins as the superuser need the new password" +
      (pooler ? "; the pooler has it already." : "."),
  ],
  pooler: () => [
    "These are the logins of PgBouncer's console. The pooler's clients noticed nothing.",
  ],
  pgadmin: () => [
    "The page's sessions ended. Passwords that people saved in pgAdmin are gone, because the old password encrypted them.",
  ],
  duplicati: () => [
    "It is the password of Duplicati's page. The passphrase of its archives is the same as before.",
  ],
  objectStore: () => ["Clients of your own that use the bucket need the new keys."],
  health: () => [
    "These are the logins of the monitor on the servers and at the agent. Its page asks for laterbase:health.token, which is yours to change.",
  ],
};
