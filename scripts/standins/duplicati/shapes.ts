/** The types of Duplicati's interface, as far as the stand-in implements them. */
export interface Setting {
  Name: string;
  Value: string;
  Filter?: string;
}

export interface Filter {
  Order: number;
  Include: boolean;
  Expression: string;
}

export interface Job {
  ID: string;
  Name: string;
  Description: string;
  Tags: string[];
  TargetURL: string;
  Sources: string[];
  Settings: Setting[];
  Filters: Filter[];
  Metadata: Record<string, string>;
  /** The key of its `History`; in Duplicati it is a file. */
  DBPath: string;
  Schedule: object | null;
}

/** The data that Duplicati keeps in a job's local database. */
export interface History {
  /** A salted hash: all archives of a target have the same passphrase. */
  passphrase?: string;
  /** Size and time of each file in the newest version, by path. */
  files: Record<string, string>;
  log: LogRow[];
}

export interface LogRow {
  ID: number;
  OperationID: number;
  /** Seconds since 1970. */
  Timestamp: number;
  Type: string;
  /** JSON of a `RunResult`. */
  Message: string;
  Exception: string | null;
}

export interface RunResult {
  MainOperation: "Backup";
  ParsedResult: "Success" | "Warning" | "Fatal";
  ExaminedFiles: number;
  AddedFiles: number;
  ModifiedFiles: number;
  DeletedFiles: number;
  SizeOfExaminedFiles: number;
  SizeOfAddedFiles: number;
  PartialBackup: boolean;
  Interrupted: boolean;
  BeginTime: string;
  EndTime: string;
  Duration: string;
  Errors: string[];
  Warnings: string[];
  Messages: string[];
  BackendStatistics: { BytesUploaded: number; FilesUploaded: number; FilesDeleted: number };
}

/** A response with an error status. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const setting = (job: Job, name: string): string =>
  job.Settings.find(({ Name }) => Name.toLowerCase() === name)?.Value ?? "";
