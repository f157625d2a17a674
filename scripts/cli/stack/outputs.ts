import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CliError } from "../terminal/cliError";

/** A container, and its engine where that is not the default one. */
export interface Located {
  name: string;
  host?: string;
}

/** As an output names the engine. */
interface Engine {
  dockerHost?: string | null;
}

/** What the operator's command reads of a stack, with its secrets. */
export interface StackOutputs {
  primary?: Engine & {
    host: string;
    port: number;
    version: number;
    databases: string[] | "*";
    /** Absent where the primary is somebody else's. */
    container?: string;
  };
  /** Connection URIs by database, with the superuser's login. */
  connections?: Record<string, Record<string, string>>;
  backups?: {
    /** The container that dumps and restores. */
    dumps?: Engine & { agent: string };
  };
  pooler?: Engine & {
    host: string;
    port: number;
    mode: string;
    container: string;
    /** Who may enter its console, and who may only look there. */
    admin: Login;
    stats: Login;
  };
  pgAdmin?: { url: string; email: string; password: string };
  duplicati?: { url: string; password: string; passphrase: string };
}

interface Login {
  name: string;
  password: string;
}

/** Asks the Pulumi CLI of the environment that set-up exports. */
export async function readOutputs(stack: string): Promise<StackOutputs> {
  const args = ["stack", "output", "--json", "--show-secrets", "--non-interactive"];
  let answer: string;
  try {
    const ran = await promisify(execFile)("pulumi", [...args, "--stack", stack], {
      env: process.env,
      maxBuffer: 64 << 20,
    });
    answer = ran.stdout;
  } catch (error) {
    throw notReadable(stack, error as Error & { stderr?: string });
  }
  const outputs = JSON.parse(answer) as StackOutputs;
  if (Object.keys(outputs).length === 0) throw notUp(stack);
  return outputs;
}

function notReadable(stack: string, error: Error & { stderr?: string }): CliError {
  const said = (error.stderr ?? error.message).trim();
  if (/no stack named/.test(said)) return notUp(stack);
  const why = said.replace(/^error: /gm, "").split("\n")[0] ?? "";
  return new CliError(`The outputs of stack ${stack} cannot be read: ${why.replace(/\.?$/, ".")}`);
}

function notUp(stack: string): CliError {
  const how = stack === "dev" ? "npm start" : `npm run pulumi -- up --stack ${stack}`;
  return new CliError(`The stack ${stack} is not up: '${how}' makes it.`);
}

/** Where the agent is. */
export function agentOf(stack: string, { backups }: StackOutputs): Located {
  const dumps = backups?.dumps;
  if (!dumps?.agent) {
    throw new CliError(
      `The stack ${stack} makes no dumps: set laterbase:dumps in Pulumi.${stack}.yaml and bring it up.`,
    );
  }
  return located(dumps.agent, dumps);
}

/** Where the pooler is; undefined where the stack has none. */
export function poolerOf({ pooler }: StackOutputs): Located | undefined {
  return pooler && located(pooler.container, pooler);
}

/** Where the primary is; undefined where it is somebody else's. */
export function primaryOf({ primary }: StackOutputs): Located | undefined {
  return primary?.container ? located(primary.container, primary) : undefined;
}

const located = (name: string, { dockerHost }: Engine): Located => ({
  name,
  ...(dockerHost ? { host: dockerHost } : {}),
});

/** The superuser's login, as it stands in the connection URIs. */
export function superuserOf(
  stack: string,
  { connections = {} }: StackOutputs,
): { name: string; password?: string } {
  const [uris] = Object.values(connections);
  if (!uris?.["direct"]) throw new CliError(`The stack ${stack} has no connections to log in by.`);
  const { username, password } = new URL(uris["direct"]);
  const name = decodeURIComponent(username);
  return password ? { name, password: decodeURIComponent(password) } : { name };
}
