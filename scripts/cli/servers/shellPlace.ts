import { socketFolder } from "../../../contract/names";
import { sessionOptions } from "../../../contract/sessionSettings";
import type { Part } from "../parts/part";
import { type KnownOutputs, poolerOfStack } from "../stack/outputs";
import type { SuperuserLogin } from "../stack/superuser";
import { CliError } from "../terminal/cliError";
import type { PsqlPlace } from "./psqlShell";

/** Which server, and whose login. */
export interface ShellWish {
  /** `true`: the first one. */
  standby?: string | true;
  pooled?: true;
  as?: string;
}

interface Asked {
  stack: string;
  database: string;
  wish: ShellWish;
  parts: readonly Part[];
  /** The first standby of the stack file. */
  first?: string | undefined;
  plain: KnownOutputs;
  /** Opens the secrets, which takes a moment, so it is done only where a password is needed. */
  outputs: () => Promise<KnownOutputs>;
  /** The superuser's login, for an external primary. */
  superuser: () => Promise<SuperuserLogin>;
}

/** Where psql is to run, and how it logs in. */
export interface ShellPlace extends PsqlPlace {
  isSuperuser: boolean;
}

const serverPort = 5432;
const poolerPort = 6432;

/** @throws CliError where the stack has no such server, application or login */
export async function shellPlace(asked: Asked): Promise<ShellPlace> {
  const { wish } = asked;
  if (wish.pooled) return pooled(asked);
  const part = wish.standby
    ? standby(asked, wish.standby)
    : asked.parts.find(({ kind }) => kind === "primary");
  if (!part) return external(asked);
  const container = located(part);
  const { database } = asked;
  if (wish.as !== undefined) {
    const { user, password } = await loginAs(asked, wish.as);
    const place = { container, host: "127.0.0.1", port: serverPort, user, password, database };
    return { ...place, title: `${user}@${part.name}`, isSuperuser: false };
  }
  const kind = part.kind === "standby" ? "standby" : "primary";
  const place = {
    container,
    host: socketFolder(kind),
    port: serverPort,
    user: part.superuser,
    database,
  };
  return { ...place, ...asSuperuser(asked), title: part.name };
}

function standby({ stack, parts, first }: Asked, name: string | true): Part {
  const standbys = parts.filter(({ kind }) => kind === "standby");
  const named = standbys.find((one) => one.name === (name === true ? first : name));
  const found = named ?? (name === true ? standbys[0] : undefined);
  if (found) return found;
  if (standbys.length === 0) throw new CliError(`The stack ${stack} has no standby.`, 4);
  const known = standbys
    .map((one) => one.name)
    .sort()
    .join(", ");
  throw new CliError(
    `The stack ${stack} has no standby ${JSON.stringify(name)}: choose from ${known}.`,
    2,
  );
}

/** The login of an application, or that of the database's owner. */
async function pooled(asked: Asked): Promise<ShellPlace> {
  const { stack, database, wish, plain } = asked;
  const container = poolerOfStack(stack, plain);
  const uri = await uriOf(asked, "pooled", wish.as);
  const { user, password } = loginIn(uri);
  const entry = wish.as === undefined ? decodeURIComponent(uri.pathname.slice(1)) : database;
  const login = { user, password, database: entry };
  return {
    ...{ container, host: "127.0.0.1", port: poolerPort, ...login },
    ...{ title: `${user}@pooler`, isSuperuser: false },
  };
}

/** From a container that reaches an external primary. */
async function external(asked: Asked): Promise<ShellPlace> {
  const { stack, database, wish, parts, plain } = asked;
  const from =
    parts.find(({ kind }) => kind === "agent") ?? parts.find(({ kind }) => kind === "standby");
  const { primary } = plain;
  if (!from || !primary) {
    throw new CliError(`The stack ${stack} has no container from which psql reaches the primary.`);
  }
  if (wish.as !== undefined) {
    throw new CliError(
      `The primary of stack ${stack} is external, and Laterbase does not know its applications' logins: leave --as out.`,
      4,
    );
  }
  const { name: user, password } = await asked.superuser();
  return {
    ...{ container: located(from), host: primary.host, port: primary.port, user, database },
    ...(password === undefined ? {} : { password }),
    ...asSuperuser(asked),
    title: `${primary.host}`,
  };
}

/**
 * What the superuser's session states: the owner of a database can shadow no function, operator or table there. A person
 * may take it back in the session.
 */
function asSuperuser({ plain }: Asked): { options: string; isSuperuser: true } {
  const major = typeof plain.primary?.version === "number" ? plain.primary.version : 13;
  // A person wants to see what the server says, and decides how long a statement may take.
  const settings = {
    client_min_messages: undefined,
    statement_timeout: undefined,
    lock_timeout: undefined,
  };
  return { options: sessionOptions({ major, superuser: true, with: settings }), isSuperuser: true };
}

async function loginAs(asked: Asked, application: string) {
  return loginIn(await uriOf(asked, "direct", application));
}

/** The URI of the database, or any one of the application's role. */
async function uriOf(
  { stack, database, outputs }: Asked,
  way: "direct" | "pooled",
  application: string | undefined,
): Promise<URL> {
  const { connections = {} } = await outputs();
  const all = Object.entries(connections).flatMap(([name, uris]) => {
    const uri = uris[way];
    return uri === undefined ? [] : [{ name, uri: new URL(uri) }];
  });
  const userOf = ({ uri }: { uri: URL }) => decodeURIComponent(uri.username);
  if (application === undefined) {
    const own = all.find(({ name }) => name === database);
    if (own?.uri.password) return own.uri;
    const known = all.filter(({ uri }) => uri.password !== "").map(({ name }) => name);
    throw new CliError(
      `The stack ${stack} has no login for the database ${JSON.stringify(database)}${known.length === 0 ? "" : `: it has those of ${known.join(", ")}`}.`,
      2,
    );
  }
  const theirs = all.filter((one) => userOf(one) === application && one.uri.password !== "");
  const found = theirs.find(({ name }) => name === database) ?? theirs[0];
  if (found) return found.uri;
  const known = [...new Set(all.filter(({ uri }) => uri.password !== "").map(userOf))];
  throw new CliError(
    `The stack ${stack} has no application ${JSON.stringify(application)}${known.length === 0 ? "" : `: choose from ${known.join(", ")}`}.`,
    2,
  );
}

function loginIn({ username, password }: URL): { user: string; password: string } {
  return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
}

const located = ({ container: name, host }: Part) => (host ? { name, host } : { name });
