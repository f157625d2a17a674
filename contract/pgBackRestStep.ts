import type { StepMount } from "./stepMount";

/** What `scripts/steps/pgBackRest.ts` reads from standard input, as JSON. It holds secrets. */
export interface PgBackRestInput {
  /** The configuration, without the archive settings. Empty: archiving is off. */
  files: StepFile[];
  /** PostgreSQL's archive settings. */
  settings: ArchiveSettings;
  /** Absent where archiving is off. */
  stanza?: StepStanza;
  /** Where the containers of the step run. */
  place: { image: string; network: string };
  /** What they mount. */
  mounts: StepMount[];
}

/** A file below /etc/pgbackrest. */
export interface StepFile {
  name: string;
  content: string;
  /** Such as 0640. */
  mode: string;
}

/** What the primary includes. Strings, as PostgreSQL shows them. */
export interface ArchiveSettings {
  archive_command: string;
  /** Seconds. 0: no segment is ended early. */
  archive_timeout: string;
}

/** The stanza that has to be there in every repository. */
export interface StepStanza {
  name: string;
  repositories: StepRepository[];
}

export interface StepRepository {
  number: number;
  /** Where it is, for sentences. */
  location: string;
  /** Whether this stack alone uses its place: its own volume, or its own object store. */
  own: boolean;
}
