import type { RestoreFigures, Trigger } from "./jobRecord";
import type { BackupType } from "./pgBackRest";

/** What `dump` takes. Without names it dumps every configured database. */
export interface DumpRequest {
  trigger?: Trigger;
  databases?: string[];
  /** Accepts a dump that is much smaller than the last one. */
  acceptSmaller?: boolean;
  /** Waits for a run under way and dumps after it, instead of skipping this run. */
  wait?: boolean;
}

/** What `restore-dump` takes. */
export interface RestoreRequest {
  /** A dump's id, a database's name for its latest dump, or the id of a received dump. */
  dump: string;
  /** The new database's name; in place: the one to replace. Default: made from the dump's. */
  as?: string;
  /** Gives the restored database the name of an existing one, which is kept under another name. */
  inPlace?: boolean;
  /** Creates the roles that the dump needs and the server lacks, without the right to log in. */
  createRoles?: boolean;
  /** Keeps a new database that differs from the manifest, instead of dropping it. */
  keepDifferent?: boolean;
  /** Ends the restore at the first object that cannot be made. Otherwise it goes on and lists them. */
  strict?: boolean;
  /** In place: replaces the database although objects could not be made. */
  acceptMissing?: boolean;
  /** In place: renames the existing database before the new one is filled, which then has its name. */
  nameFirst?: boolean;
  /** Restores a dump of an older major into a server of a newer one. */
  newerMajor?: boolean;
  /** Restores a dump that this stack did not sign. */
  acceptUnknown?: boolean;
  /** Only a superuser may give objects to other roles. No password: the server asks for none. */
  superuser: { name: string; password?: string };
}

/** What `delete-dump` takes. */
export interface DeleteRequest {
  /** The dump's id. */
  dump: string;
  /** Deletes it even if it is the newest good dump of its database. */
  force?: boolean;
}

/** What `take-dumps` takes: the token of a folder that the operator's command filled beside the dumps. */
export interface TakeRequest {
  token: string;
}

/** The job in Duplicati, which `duplicati-job` takes. The target and the passphrase are secrets. */
export interface JobSpec {
  /** The agent finds the job again by this name. */
  name: string;
  /** A URL as Duplicati writes it, with the target's keys in it. */
  target: string;
  passphrase: string;
  /** `timeframe:interval,…` */
  retention: string;
}

/** What `check-backups`, `verify-backups`, `drill` and `maintain-backups` take. */
export interface RepositoriesRequest {
  trigger?: Trigger;
  /** The number of one repository. Default: all of them. */
  repo?: number;
  /** Answers with the record also after a failure, instead of one sentence. */
  record?: boolean;
}

/** What `discard-timeline` takes: the number of a timeline that a restore opened, and that was undone. */
export interface DiscardRequest {
  timeline: number;
}

/** What `backup` takes. */
export interface BackupRequest extends RepositoriesRequest {
  type: BackupType;
}

/** What `record-restore` takes: how long a restore took. The operator's command makes it, and the agent has the records. */
export interface RestoreRecordRequest extends RestoreFigures {
  /** The target in words. */
  target: string;
}

/** The longest time that `hold-expire` takes. */
export const longestHoldSeconds = 600;

/** What `hold-expire` takes. */
export interface HoldExpireRequest {
  /** The restore's own: 16 hexadecimal digits. */
  id: string;
  /** For how long nothing expires. 0: it may again. */
  seconds: number;
}

/** What `restore-point` takes. */
export interface RestorePointRequest {
  name: string;
}
