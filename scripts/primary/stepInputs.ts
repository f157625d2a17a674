import type { StepPlace } from "../engine/stepContainer";
import type { SshTarget } from "./ssh";

/** What `scripts/steps/primaryLogin.ts` reads from standard input, as JSON. */
export interface SuperuserLoginInput {
  password: string;
  /** The pooler, where there is one. It gets its userlist by this step alone. */
  pooler?: {
    /** The container's name. */
    container: string;
    /** The container's id: a new container has no userlist yet, so the step runs again. */
    id: string;
    /** userlist.txt, with the same password in it, and with those of the roles. */
    userlist: string;
    /**
     * The roles in the userlist that the stack has made, with what the server stores of their passwords. A changed
     * password is set while the clients wait: PgBouncer and the server must change in one moment.
     */
    roles?: RoleLogin[];
  };
}

/** A role that owns a database, with the verifier of its password. */
export interface RoleLogin {
  name: string;
  verifier: string;
}

/** What `scripts/steps/collationCheck.ts` reads from standard input, as JSON. */
export interface CollationCheckInput {
  /** Makes the extension amcheck on the primary by `apply`, and drops what it made by `remove`. */
  script: string;
  /** The primary's machine, where the script runs there. Otherwise it runs in a container. */
  ssh?: SshTarget;
  /** Where the container of a script runs. */
  place: StepPlace;
}
