import type { StepFile, StepStanza } from "./pgBackRestStep";
import type { StepMount } from "./stepMount";

/** What `scripts/steps/emptyPrimary.ts` reads from standard input, as JSON. It holds secrets. */
export interface EmptyPrimaryInput {
  /** The volume of the primary's data. */
  data: string;
  /** pgBackRest's configuration for the repositories that answer before the stack is up. */
  files: StepFile[];
  /** Those repositories. */
  stanza: StepStanza;
  /** The repository in the stack's own object store, which does not run yet. Absent without one. */
  store?: StoredRepository;
  /** Where the containers of the step run. */
  place: { image: string; network: string };
  /** What they mount. */
  mounts: StepMount[];
  /** How to bring the backups back, for sentences. */
  restore: string;
}

/** A repository as a folder of the object store's volume. */
export interface StoredRepository {
  number: number;
  location: string;
  volume: string;
  /** The repository's folder in the volume, such as `backups/pgbackrest`. */
  folder: string;
}
