import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CliError } from "./cliError";

/** What the operator's command reads of a stack, with its secrets. */
export interface StackOutputs {
  primary?: { host: string; port: number; version: number; databases: string[] | "*" };
  /** Connection URIs by database, with the superuser's login. */
  connections?: Record<string, Record<string, string>>;
  backups?: {
    /** The container that dumps and restores, and its engine where that is not the default one. */
    dumps?: { agent: string; dockerHost?: string | null };
  };
  duplicati?: { url: string; password: string; passphrase: string };
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
export function agentOf(stack: string, { backups }: StackOutputs): { name: string; host?: string } {
  const dumps = backups?.dumps;
  if (!dumps?.agent) {
    throw new CliError(
      `The stack ${stack} makes no dumps: set laterbase:dumps in Pulumi.${stack}.yaml and bring it up.`,
    );
  }
  return { name: dumps.agent, ...(dumps.dockerHost ? { host: dumps.dockerHost } : {}) };
}

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
