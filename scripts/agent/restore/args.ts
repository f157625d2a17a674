import type { RestoreRequest } from "../../../contract/agentRequests";
import { Failure } from "../kit/failure";
import { checkName } from "./names";

/** A checked request, with its defaults. */
export type RestoreArgs = RestoreRequest & Required<Pick<RestoreRequest, (typeof flags)[number]>>;

const flags = [
  ...(["inPlace", "createRoles", "keepDifferent", "acceptUnknown"] as const),
  ...(["strict", "acceptMissing", "nameFirst", "newerMajor"] as const),
] as const;

/** Checks the arguments that came over the socket. */
export function readRestoreArgs(args: Record<string, unknown>): RestoreArgs {
  const as = optionalText(args, "as");
  const superuser = args["superuser"] as { name?: unknown; password?: unknown } | undefined;
  if (typeof superuser?.name !== "string" || superuser.name === "") {
    throw new Failure("A restore needs a superuser's login. The operator's command has it.");
  }
  const { name, password } = superuser;
  const wanted = Object.fromEntries(flags.map((key) => [key, flag(args, key)])) as Record<
    (typeof flags)[number],
    boolean
  >;
  if (wanted.keepDifferent && wanted.inPlace) {
    throw new Failure("A database that differs from its dump can be kept under a new name only.");
  }
  if ((wanted.acceptMissing || wanted.nameFirst) && !wanted.inPlace) {
    throw new Failure('"acceptMissing" and "nameFirst" go together with "inPlace" only.');
  }
  if (wanted.acceptMissing && wanted.strict) {
    throw new Failure('"acceptMissing" does not go together with "strict".');
  }
  return {
    dump: text(args, "dump"),
    ...(as === undefined ? {} : { as: checkName(as) }),
    ...wanted,
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
