/** What `observe` prints. */
export interface Observation {
  role: ObservedRole | null;
  /** The role that dumps. */
  dumps: (ObservedRole & ObservedRights) | null;
  /** The role that pgAdmin connects by. */
  pgAdmin: (ObservedRole & ObservedRights) | null;
  /** The role that backs up. */
  backups: (ObservedRole & ObservedRights) | null;
  /** The monitor's role. Absent in what earlier versions printed. */
  health?: (ObservedRole & ObservedRights) | null;
  /** The monitor's table: empty where it is gone. Null or absent where the stack has none. */
  heartbeat?: Partial<ObservedHeartbeat> | null;
  /** The roles that own databases, by name. Absent in what earlier versions printed. */
  applications?: Record<string, ObservedOwner>;
  /** The file beside the data that notes the passwords of those roles. Null where there is none. */
  logins?: string | null;
  slots: Record<string, { type: string; status: string | null; reserved: boolean }>;
  /** max_slot_wal_keep_size in MB; -1 is unlimited. */
  slotWalLimit: number;
  /** The largest limit that other stacks have recorded, in MB. Null when there is none. */
  otherSlotWalLimit: number | null;
  /** Whether a managed primary's superuser has the password that was set last; null where none was. */
  login?: boolean | null;
  /** By role, the networks of the record that no rule in the file lets it in from, or that another rule overrules. */
  missing: Record<string, string[]>;
  /** Our block in pg_hba.conf. */
  block: string | null;
  /** Our block in pg_ident.conf. */
  ident: string | null;
  /** PostgreSQL's archive settings, with the file that each comes from. */
  archive: Record<string, { value: string; file: string | null }>;
  /** The parameters of `primary.settings` that ALTER SYSTEM has set. Null or absent where there are none. */
  overruled?: string[] | null;
  /** What is known of pgBackRest's configuration. Absent where the container does not mount it. */
  configuration?: ObservedConfiguration;
}

/** The digests of pgBackRest's configuration, by file. */
export interface ObservedConfiguration {
  /** As they were written. Absent where nothing is known of that. */
  written?: Record<string, string>;
  now: Record<string, string>;
}

/** A role of ours. */
export interface ObservedRole {
  /** Whether it has the attributes that we gave it, and no more. */
  sound: boolean;
  /** SHA-256 of what the server stores of its password. */
  verifier: string | null;
  comment: string | null;
}

/** The table of the monitor's heartbeat. */
export interface ObservedHeartbeat {
  /** Whether it is the superuser's, without anything that could run code. */
  sound: boolean;
  /** Whether the monitor's role may read and update it. */
  open: boolean;
}

/** A role that owns a database, and that database. */
export interface ObservedOwner {
  role: ObservedRole | null;
  /** The database's owner. Null where there is no such database. */
  owner: string | null;
  /** Whether everybody may connect to it. Null where there is no such database. */
  anybody: boolean | null;
}

/** What a role that reads has in addition to its attributes. */
export interface ObservedRights {
  /** Roles of PostgreSQL, such as `pg_read_all_data`, whose rights it should have but lacks. */
  lacks: string[];
  /** Settings that it should have but lacks. */
  unset: string[];
  /** Functions that it may not call. */
  denied: string[];
  /** Databases that it may not connect to. */
  closed: string[];
}

/** The comment on a role of ours; the replication role's says what else the stack has made. */
export interface OwnerRecord {
  owner: string;
  verifier?: string;
  slots?: string[];
  hba?: string[];
  /** Whether the block in pg_hba.conf lets the role that dumps in, too. */
  hbaDumps?: boolean;
  /** Whether it lets the role in that pgAdmin connects by. */
  hbaPgAdmin?: boolean;
  /** Whether it lets the role in that backs up. */
  hbaBackups?: boolean;
  /** Whether it lets the monitor's role in. */
  hbaHealth?: boolean;
  /** Whether it lets the role of restores in. */
  hbaRestore?: boolean;
  /** Whether it keeps the replication role from connecting to a database. */
  hbaGuard?: boolean;
  /** The slot WAL limit in MB. The key is older than that name, and stays: comments on primaries have it. */
  cap?: { set: number };
  /** The role that dumps. */
  dumps?: string;
  /** The role that pgAdmin connects by. */
  pgAdmin?: string;
  /** The role that backs up. */
  backups?: string;
  /** The monitor's role. */
  health?: string;
  /** Of a role that owns a database: that database. */
  application?: string;
}

/** What `observe` prints: a line of JSON, and after it the digests of pgBackRest's configuration. */
export function readObservation(printed: string): Observation {
  const [line = "", ...rest] = printed.split("\n");
  const observation = JSON.parse(line) as Observation;
  if (rest.every((one) => one === "") && rest.length < 2) return observation;
  const end = rest.indexOf("");
  const written = digests(rest.slice(0, end));
  const now = digests(rest.slice(end + 1));
  const known = Object.keys(written).length > 0 ? { written } : {};
  return { ...observation, configuration: { ...known, now } };
}

/** Lines of sha256sum. */
function digests(lines: readonly string[]): Record<string, string> {
  const found = lines.map((line) => /^([0-9a-f]{64}) {2}(.+)$/.exec(line));
  return Object.fromEntries(found.flatMap((one) => (one ? [[one[2]!, one[1]!]] : [])));
}

/** The record in a comment, if it is one. */
export function recordOf(comment: string | null | undefined): OwnerRecord | undefined {
  if (!comment?.startsWith("{") || !comment.includes('"laterbase"')) return undefined;
  try {
    const record = JSON.parse(comment) as OwnerRecord;
    return typeof record.owner === "string" ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a record is the owner's, who is named without the random number: `laterbase/dev`. */
export function isOf(record: OwnerRecord, owner: string): boolean {
  return record.owner === owner || record.owner.startsWith(`${owner}#`);
}
