import type { RestoreRequest } from "../../../contract/agentRequests";
import { Failure } from "../kit/failure";
import { checkName } from "./names";

/** A checked request, with its defaults. */
export type RestoreArgs = RestoreRequest &
  Required<
    Pick<
      RestoreRequest,
      "inPlace" | "createRoles" | "keepDifferent" | "acceptUnknown" | "newerMajor"
    >
  >;

/** Checks the arguments that came over the socket. */
export function readRestoreArgs(args: Record<string, unknown>): RestoreArgs {
  const as = optionalText(args, "as");
  const superuser = args["superuser"] as { name?: unknown; password?: unknown } | undefined;
  if (typeof superuser?.name !== "string" || superuser.name === "") {
    throw new Failure("A restore needs a superuser's login. The operator's command has it.");
  }
  const { name, password } = superuser;
  const keepDifferent = flag(args, "keepDifferent");
  const inPlace = flag(args, "inPlace");
  if (keepDifferent && inPlace) {
    throw new Failure("A database that differs from its dump can be kept under a new name only.");
  }
  return {
    dump: text(args, "dump"),
    ...(as === undefined ? {} : { as: checkName(as) }),
    inPlace,
    createRoles: flag(args, "createRoles"),
    keepDifferent,
    acceptUnknown: flag(args, "acceptUnknown"),
    newerMajor: flag(args, "newerMajor"),
    superuser: typeof password === "string" && password !== "" ? { name, password } : { name },
  };
}

/** A text that must be there: which dump. */
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
