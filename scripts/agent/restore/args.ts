import { Failure } from "../kit/failure";
import { checkName } from "./names";

/** Who restores: only a superuser may give objects to other roles. */
export interface Superuser {
  name: string;
  /** Absent where the server asks for none. */
  password?: string;
}

/** What `restore-dump` is asked for. */
export interface RestoreArgs {
  /** A dump's id, or a database's name for its latest. */
  dump: string;
  /** The new database's name; in place: the one that is replaced. Default: made from the dump's. */
  as?: string;
  /** Gives the restored database the name of the one that is there, which is kept under another. */
  inPlace: boolean;
  /** Makes roles that the dump needs and the server lacks, without the right to log in. */
  createRoles: boolean;
  /** Keeps a new database that differs from the manifest, instead of dropping it. */
  keepDifferent: boolean;
  superuser: Superuser;
}

/** Reads what came over the socket. */
export function readRestoreArgs(args: Record<string, unknown>): RestoreArgs {
  const as = optionalText(args, "as");
  const superuser = args["superuser"] as { name?: unknown; password?: unknown } | undefined;
  if (typeof superuser?.name !== "string" || superuser.name === "") {
    throw new Failure(
      "A restore needs a superuser's login, which only the operator's command has.",
    );
  }
  const { name, password } = superuser;
  const keepDifferent = flag(args, "keepDifferent");
  const inPlace = flag(args, "inPlace");
  if (keepDifferent && inPlace) {
    throw new Failure("A database that differs from its dump is kept under a new name only.");
  }
  return {
    dump: text(args, "dump"),
    ...(as === undefined ? {} : { as: checkName(as) }),
    inPlace,
    createRoles: flag(args, "createRoles"),
    keepDifferent,
    superuser: typeof password === "string" && password !== "" ? { name, password } : { name },
  };
}

/** Which dump: the one thing that every command about a dump must be told. */
export function text(args: Record<string, unknown>, key: string): string {
  const value = optionalText(args, key);
  if (value) return value;
  throw new Failure(`"${key}" is missing: a dump's id, or a database's name for its latest dump.`);
}

function optionalText(args: Record<string, unknown>, key: string): string | undefined {
  const value = args[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new Failure(`"${key}" must be a text.`);
}

function flag(args: Record<string, unknown>, key: string): boolean {
  const value = args[key] ?? false;
  if (typeof value === "boolean") return value;
  throw new Failure(`"${key}" must be true or false.`);
}
