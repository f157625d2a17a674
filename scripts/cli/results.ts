import type {
  DeletedDump,
  ListedDump,
  Restored,
  RestorePointMade,
  TakenDumps,
  Uploaded,
  Verified,
} from "../../contract/agentReplies";
import type { PrimaryAcceptance } from "../../contract/health/acceptPrimary";
import type { Check, Verdict } from "../../contract/health/check";
import type { PoolerFacts, StackFacts } from "../../contract/health/facts";
import type { TestResult } from "../../contract/health/notifyTest";
import type { HealthReport } from "../../contract/health/report";
import type { JobRecord } from "../../contract/jobRecord";
import type { RestorePlan } from "../../contract/restorePlan";
import type { Report } from "../primary";
import type { BackupsResult } from "./backupsResult";
import type { LogLine } from "./servers/logs";
import type { RebuildKind } from "./servers/rebuild";
import type { OnEngine } from "./stack/exportedState";
import type { KnownOutputs } from "./stack/outputs";
import type { SuperuserLogin } from "./stack/superuser";

/**
 * What each command prints with `--json` when it has done its work: one value on standard output. What fails prints a
 * {@link CommandError} in its place, unless the result itself says what failed. `shell` prints no JSON.
 */
export interface CommandResults {
  status: StatusResult;
  health: HealthReport;
  doctor: DoctorResult;
  logs: LogsResult;
  new: NewStackResult;
  preflight: PreflightResult;
  forget: ForgetResult;
  connections: ConnectionsResult;
  credentials: CredentialsResult;
  rotate: RotateResult;
  migrate: MigrateResult;
  dump: JobRecord;
  "list-dumps": ListedDump[];
  "restore-dump": Restored;
  "verify-dump": Verified;
  "delete-dump": DeletedDump;
  backup: JobRecord;
  "list-backups": BackupsResult;
  check: JobRecord;
  verify: JobRecord;
  drill: JobRecord;
  "restore-point": RestorePointMade;
  restore: RestoreResult;
  upload: Uploaded;
  "restore-archive": TakenDumps;
  shell: never;
  pools: PoolsResult;
  "restart-primary": RestartResult;
  rebuild: RebuildResult;
  "pause-pooler": PauseResult;
  "resume-pooler": ResumeResult;
  "accept-image": AcceptImageResult;
  "accept-primary": PrimaryAcceptance;
  notify: TestResult[];
  completion: CompletionResult;
}

/** What a command prints with `--json` that failed, or that refuses. */
export interface CommandError {
  /** One sentence. */
  error: string;
  exitCode: 1 | 2 | 3 | 4;
}

/** What `status --json` prints. */
export interface StatusResult {
  stack: string;
  /** ISO 8601. */
  at: string;
  verdict: Verdict;
  sentence: string;
  checks: Check[];
  facts: StackFacts;
}

/** What `pools --json` prints. */
export interface PoolsResult extends PoolerFacts {
  pooler: string;
}

/** What `logs --json` prints. */
export interface LogsResult {
  role: string;
  container: string;
  /** The oldest first. */
  lines: LogLine[];
}

/** What `connections --json` prints: by database, and there by way. */
export type ConnectionsResult = NonNullable<KnownOutputs["connections"]>;

/** Something that `doctor` found. */
export interface DoctorFinding {
  /** `note`: nothing has to be done. */
  level: "failed" | "degraded" | "unknown" | "note";
  /** Where it was found: in the running parts, on the primary, in what `up` looks at first, or by the preflight. */
  area: "parts" | "drift" | "looks" | "preflight";
  name: string;
  sentence: string;
  /** What to do: a command, or a sentence that has one. */
  command?: string;
}

/** What `doctor --json` prints. */
export interface DoctorResult {
  stack: string;
  verdict: Verdict;
  /** The worst first. */
  findings: DoctorFinding[];
}

/** What `rotate --json` prints. */
export interface RotateResult {
  secret: string;
  /** How often it was replaced, with this time. */
  rotation: number;
  /** The file that has the number. */
  file: string;
  /** Whether an earlier run had raised the number, and this one only finished it. */
  finished: boolean;
}

/** What `migrate --json` prints. */
export interface MigrateResult {
  application: string;
  /** Of the program, which is the command's own too. */
  exitCode: number;
  /** The signal that ended the program. */
  signal?: string;
  /** Absent where none was made. */
  restorePoint?: string;
}

/** What `completion --json` prints. */
export interface CompletionResult {
  shell: "bash" | "zsh";
  script: string;
}

/** What `new --json` prints. */
export interface NewStackResult {
  stack: string;
  file: string;
  /** Where Pulumi keeps the stack's state. */
  backend: string;
  /** The file of the passphrase that was made for it. */
  passphraseFile?: string;
  /** What the operator may want to change, as sentences. */
  notes: string[];
}

/** What `preflight --json` prints. */
export interface PreflightResult extends Report {
  /** Nothing blocks a standby. */
  ready: boolean;
}

/** What `forget --json` prints. */
export interface ForgetResult {
  part: string;
  /** The stack file, if the part was in it. */
  file?: string;
  /** Data volumes that stay on their engines. */
  kept: OnEngine[];
  /** Data volumes that the next `up` deletes. */
  deleted: OnEngine[];
  /** The engine that is gone, why it did not answer, and the standbys that are still there. */
  goneEngine?: { host: string; why: string; others: string[] };
  /** What the archives of Duplicati can be read with. The state forgets it. */
  passphrase?: string;
}

/** What `credentials --json` prints. What the stack does not have is absent. */
export interface CredentialsResult {
  /** Without a password it logs in by another way. */
  superuser: SuperuserLogin;
  connections: ConnectionsResult;
  pooler?: Pick<NonNullable<KnownOutputs["pooler"]>, "admin" | "stats">;
  pgAdmin?: NonNullable<KnownOutputs["pgAdmin"]>;
  duplicati?: NonNullable<KnownOutputs["duplicati"]>;
  repositories?: { number: number; location: string; passphrase: string }[];
}

/** What `restore --json` prints, by what was asked for. */
export type RestoreResult =
  /** `--dry-run` */
  | RestorePlan
  /** A server beside the primary, or with `--database` a dump of one of its databases. */
  | { plan: RestorePlan; reached: object; [more: string]: unknown }
  /** `--in-place` */
  | { target: string; set: string; repository: number; notes: string[]; [more: string]: unknown }
  /** `--accept`, `--undo`, `--remove` */
  | { accepted: string }
  | { abandoned: string; notes: string[]; [more: string]: unknown }
  | { removed: boolean };

/** What `restart-primary --json` prints. */
export interface RestartResult {
  primary: string;
  /** Clients whose connection ended: those without the pooler, or in a database in session mode. */
  cut: number;
  /** How long the pooler's clients waited; absent where no pooler was paused. */
  pausedSeconds?: number;
  seconds: number;
}

/** What `rebuild --json` prints. */
export interface RebuildResult {
  standby: string;
  container: string;
  kind: RebuildKind;
  seconds: number;
}

/** What `accept-image --json` prints. */
export interface AcceptImageResult {
  role: string;
  image: string;
  /** The digest that is accepted no more. */
  forgotten: string;
}

/** What `pause-pooler --json` prints: the container. */
export interface PauseResult {
  paused: string;
}

/** What `resume-pooler --json` prints: the container. */
export interface ResumeResult {
  resumed: string;
}
