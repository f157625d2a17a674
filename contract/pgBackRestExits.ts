/** pgBackRest's exit codes that decide what happens next. */
export const exitCode = {
  /** A file does not have the checksum or the form that it was written with. */
  checksum: 26,
  format: 29,
  /** The archive or the backups in a repository are of another server. */
  fileInvalid: 28,
  archiveMismatch: 44,
  /** Another pgBackRest command of this container runs. */
  lockHeld: 50,
  backupMismatch: 51,
  /** A file is missing, such as those of a stanza that was not created. */
  fileMissing: 55,
  /** No primary, no standby, or more than one primary. */
  dbConnect: 56,
  /** A query failed: the standby went away during a backup. */
  dbQuery: 57,
  /** The servers do not fit together: a standby on another timeline. */
  dbMismatch: 58,
  /** A signal ended it, as when the agent is stopped. */
  stopped: 63,
  /** WAL did not arrive in time: replay on the standby stalls, or archiving does not work. */
  archiveTimeout: 82,
  /** `verify` of 2.33 found damage. */
  runtime: 122,
} as const;

/** What an exit code means. */
export interface Meaning {
  /** A sentence without its full stop. */
  means: string;
  /** What to do. Absent where pgBackRest's own words say it. */
  next?: string;
}

const up = "`npm run pulumi -- up` writes it again";
const check = "`npm run laterbase -- check` says whether WAL arrives";

/** What pgBackRest's exit codes mean here, and what to do. Their numbers are the same in every version. */
const meanings: Readonly<Record<number, Meaning>> = {
  25: { means: "pgBackRest met a fault of its own" },
  26: { means: "A file's checksum is wrong", next: "`npm run laterbase -- verify` names it" },
  27: { means: "pgBackRest's configuration does not fit the server", next: up },
  28: {
    means: "The repository holds backups of another server",
    next: "Give laterbase:backups.stanza another name, or the repository another place",
  },
  29: {
    means:
      "A file in the repository is damaged, or the passphrase is not the one it was written with",
    next: "`npm run laterbase -- verify` names what is damaged",
  },
  31: { means: "pgBackRest's configuration has an option that does not fit", next: up },
  32: { means: "pgBackRest's configuration has a value that it refuses", next: up },
  37: { means: "pgBackRest's configuration lacks an option", next: up },
  38: {
    means: "A server runs on the data, or one was killed there and left postmaster.pid",
    next: "Stop it first",
  },
  39: { means: "The processes of pgBackRest could not talk to each other", next: "Try again" },
  40: { means: "The folder for the data is not empty" },
  41: {
    means: "A file cannot be opened",
    next: "Where it is a file of the configuration, `npm run pulumi -- up` writes it again",
  },
  42: { means: "A file cannot be read" },
  44: {
    means: "The archive in the repository is of another server",
    next: "Give laterbase:backups.stanza another name, or the repository another place",
  },
  47: {
    means: "A folder of the repository cannot be made",
    next: "Look at its free room and its owner",
  },
  49: {
    means: "The repository's machine does not answer",
    next: "Look at its address, and try again",
  },
  50: {
    means: "Another pgBackRest command of this container is running",
    next: "Try again when it is done",
  },
  51: {
    means: "The backups in the repository are of another server",
    next: "Give laterbase:backups.stanza another name, or the repository another place",
  },
  53: { means: "A folder cannot be opened" },
  55: {
    means: "A file is missing, such as the stanza in this repository",
    next: "`npm run pulumi -- up` creates the stanza",
  },
  56: {
    means: "No server can be used as the primary",
    next: "Look whether it runs: `docker ps` shows its health",
  },
  57: {
    means: "A query of the backup failed, because its server went away or refuses it",
    next: "Try again",
  },
  58: {
    means: "The standby does not fit the primary, such as after a restore of the primary",
    next: "`npm run laterbase -- rebuild` makes the standby again",
  },
  60: { means: "A file cannot be removed" },
  61: { means: "A folder cannot be removed" },
  62: {
    means: "`pgbackrest stop` stopped every command of this stanza",
    next: "`pgbackrest start` in the agent's container allows them again",
  },
  63: {
    means: "It was stopped before it was done",
    next: "The next backup goes on with what was copied, unless maintenance comes first and removes it",
  },
  64: { means: "The repository cannot be written", next: "Look at its free room and its owner" },
  68: {
    means: "archive_command on the primary is not pgBackRest's",
    next: "`npm run pulumi -- up` sets it",
  },
  72: { means: "The repository's address is not valid", next: "Correct it in the stack file" },
  73: { means: "A folder is missing" },
  75: {
    means: "There is no backup to use",
    next: "`npm run laterbase -- list-backups` shows them",
  },
  80: { means: "The database is not in the backup" },
  81: { means: "The repository knows no server of this version and identifier" },
  82: { means: "WAL did not arrive in the repository in time", next: check },
  87: {
    means: "archive_mode is off on the primary",
    next: "`npm run pulumi -- up` switches it on",
  },
  95: {
    means: "The repository cannot be decrypted, or its certificate is not trusted",
    next: "Compare its passphrase, and the certificate of its authority, with those it was made with",
  },
  99: { means: "pgBackRest got an answer that it does not understand" },
  101: { means: "The repository's service answers with an error", next: "Try again when it works" },
  102: { means: "pgBackRest could not start a program" },
  103: { means: "No repository can be used", next: "`npm run laterbase -- check` says why" },
  104: { means: "One or more things failed" },
  105: {
    means: "The repository refuses the credentials",
    next: "Correct its keys in the stack file, and bring the stack up",
  },
  106: { means: "The clock of this machine jumped", next: "Set it right, and try again" },
};

/** What an exit code of pgBackRest means. */
export function meaningOf(code: number): Meaning {
  return meanings[code] ?? { means: "pgBackRest failed" };
}
