import type { Config } from "../../../components/config";
import { dumpRoleSince } from "../../../contract/names";
import { rotationTargets } from "../../../contract/rotations";
import { isTarget } from "../stack/rotations";
import { CliError } from "../terminal/cliError";

/** A secret that can be replaced. */
export interface Rotation {
  /** Its name in `laterbase:rotations`. */
  name: string;
  /** What people have to do afterwards, a sentence each. */
  notes: string[];
}

/** What the stack file has of an application. */
interface Application {
  password?: unknown;
}

type Applications = Readonly<Record<string, Application>>;

/**
 * The secret that the operator named.
 *
 * @throws CliError for a name that there is not, and for a secret that cannot be replaced like this
 */
export function targetNamed(typed: string, config: Config): Rotation {
  const applications = applicationsOf(config);
  const own = applications[typed];
  if (own) return application(typed, own);
  const name = rotationTargets.find((one) => one.toLowerCase() === typed.toLowerCase());
  if (name === undefined || !isTarget(name)) throw unknown(typed, applications);
  const refusal = refusals[name]?.(config);
  if (refusal !== undefined) throw new CliError(refusal, 4);
  return { name, notes: notes[name]?.(config) ?? [] };
}

function application(name: string, { password }: Application): Rotation {
  if (password !== undefined) throw configured(`applications.${name}.password`);
  return {
    name,
    notes: [
      "Give the application its new connection, by `credentials`: connections that it has stay, and new logins need the new password.",
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

function unknown(typed: string, applications: Applications): CliError {
  const passphrase = passphraseNames[typed.toLowerCase().replace(/^laterbase:/, "")];
  if (passphrase !== undefined) return new CliError(passphrases[passphrase]!, 4);
  const names = [...Object.keys(applications), ...rotationTargets].join(", ");
  return new CliError(`There is no secret "${typed}" to replace: choose from ${names}.`, 2);
}

function configured(key: string): CliError {
  return new CliError(
    `This password is configured: laterbase:${key} in the stack file. Change it there by ` +
      `'npm run pulumi -- config set --secret --path laterbase:${key}', then bring the stack up.`,
    4,
  );
}

type OfConfig<T> = Partial<Record<(typeof rotationTargets)[number], (config: Config) => T>>;

/** Why a secret cannot be replaced; undefined: it can. */
const refusals: OfConfig<string | undefined> = {
  superuser: ({ primary }) =>
    primary.superuser?.password === undefined
      ? primary.kind === "external"
        ? "The superuser of an external primary is yours: change its password on that server, and laterbase:primary.superuser.password with it."
        : undefined
      : configured("primary.superuser.password").message,
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
};

function applicationsOf(config: Config): Applications {
  const { applications } = config as { applications?: Applications };
  return applications ?? {};
}
