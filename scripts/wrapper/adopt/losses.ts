import { generationName, type Rotations } from "../../../contract/rotations";

/** The parts of a stack that is adopted, as far as they may lose something. */
interface AdoptedParts {
  primary: { kind: string };
  dumps?: object | undefined;
  pgAdmin?: object | undefined;
  objectStore?: object | undefined;
  duplicati?: { passphrase?: unknown } | undefined;
  /** Whether the generated passphrase encrypts a repository. */
  encrypted?: boolean;
  /** How often each secret was replaced. */
  rotations?: Rotations | undefined;
}

/**
 * What is lost with a state, a sentence each. The data of every volume stay.
 *
 * @param kept the names of the resources whose generated value was found again
 */
export function losses(
  { primary, dumps, pgAdmin, duplicati, objectStore, encrypted, rotations = {} }: AdoptedParts,
  kept: readonly string[],
): string[] {
  const lost = (part: unknown, resource: string) => part !== undefined && !kept.includes(resource);
  return [
    ...(primary.kind === "managed"
      ? [
          "The primary's superuser has a new password, unless you configured one, and so have the stack's own roles: 'npm run laterbase -- credentials' shows them. Roles that you made keep theirs.",
        ]
      : ["The stack's roles on the primary have new passwords, which the stack alone uses."]),
    ...(lost(dumps, "agent-manifest-key")
      ? [
          "The key that signed the older dumps is lost. They can be restored: 'restore-dump' takes them with --yes.",
        ]
      : []),
    ...(encrypted && !kept.includes("pgbackrest-passphrase")
      ? [
          "The generated passphrase of the backups is lost: set laterbase:backups.encryption.passphrase to it if you kept it. Without it, nobody can read the backups, and new ones need another place.",
        ]
      : []),
    ...(lost(pgAdmin, generationName("pgadmin-password", rotations["pgadmin"] ?? 0))
      ? ["pgAdmin's login has a new password, and passwords that people saved in pgAdmin are lost."]
      : []),
    ...(objectStore === undefined
      ? []
      : [
          "The object store has new keys. The stack's own parts get them; clients of your own need them: 'npm run laterbase -- credentials' shows them.",
        ]),
    ...(lost(duplicati, "duplicati-settings-key")
      ? [
          "Duplicati's own settings are encrypted with a key that is lost: remove its volume …-duplicati-data, and 'up' makes the job again.",
        ]
      : []),
    ...(duplicati && duplicati.passphrase === undefined
      ? [
          "The generated passphrase of Duplicati's archives is lost: set laterbase:duplicati.passphrase to it if you kept it. Without it, older archives cannot be read, and uploads need another target.",
        ]
      : []),
  ];
}
