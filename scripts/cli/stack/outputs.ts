import { existsSync } from "node:fs";
import type {
  BackupsOutput,
  ConnectionUris,
  DumpsOutput,
  EngineOutput,
  PgAdminOutput,
  StackOutputs,
} from "../../../contract/stackOutputs";
import { CliError } from "../terminal/cliError";
import { NoSuchStack, pulumi } from "./pulumi";
import { noStack, stackFileOf } from "./stackFile";

/** What the operator's command reads of a stack's outputs. An older program may have left some out. */
export interface KnownOutputs extends Partial<
  Pick<StackOutputs, "primary" | "standbys" | "pooler" | "duplicati" | "health">
> {
  connections?: Record<string, Partial<ConnectionUris>>;
  backups?: Pick<BackupsOutput, "stanza" | "repositories" | "agent"> & {
    dumps?: Pick<DumpsOutput, "agent" | "dockerHost">;
  };
  pgAdmin?: Omit<PgAdminOutput, "servers">;
}

/** A container, and its engine where that is not the default one. */
export interface Located {
  name: string;
  host?: string;
}

/** The stack's outputs with their secrets. */
export async function readOutputs(stack: string): Promise<KnownOutputs> {
  const args = ["stack", "output", "--json", "--show-secrets", "--stack", stack];
  const answer = await pulumi(args, `The outputs of stack ${stack}`).catch((error: Error) => {
    throw error instanceof NoSuchStack ? notUp(stack) : error;
  });
  const outputs = JSON.parse(answer) as KnownOutputs;
  if (Object.keys(outputs).length === 0) throw notUp(stack);
  return outputs;
}

/** What is said of a stack without outputs. */
export function notUp(stack: string): CliError {
  if (!existsSync(stackFileOf(stack))) return new CliError(noStack(stack));
  return new CliError(`The stack ${stack} is not up: '${upCommand(stack)}' creates it.`);
}

/** How an operator brings this stack up. */
export function upCommand(stack: string): string {
  return stack === "dev" ? "npm start" : `npm run pulumi -- up --stack ${stack}`;
}

/** Where the agent is. */
export function agentOf(stack: string, { backups }: KnownOutputs): Located {
  const dumps = backups?.dumps;
  if (!dumps?.agent) {
    throw new CliError(
      `The stack ${stack} makes no dumps: set laterbase:dumps in Pulumi.${stack}.yaml and bring it up.`,
      4,
    );
  }
  return located(dumps.agent, dumps);
}

/** A stack that backs up: its agent, and the numbers of its repositories. */
export interface BackingUp {
  agent: Located;
  repositories: number[];
}

/** Where the agent is that backs up. A stack that makes no backups is refused in one sentence. */
export function backingUp(stack: string, { primary, backups }: KnownOutputs): BackingUp {
  const refused = (sentence: string) => new CliError(sentence, 4);
  if (primary && primary.container === undefined) {
    throw refused(
      `The primary of stack ${stack} is external, so it has no backups: a standby and dumps protect it.`,
    );
  }
  if (!backups?.agent) {
    throw refused(
      `The stack ${stack} makes no backups: set laterbase:backups in Pulumi.${stack}.yaml and bring it up.`,
    );
  }
  const { repositories = [], agent } = backups;
  if (repositories.length === 0) {
    throw refused(
      `Archiving of stack ${stack} is off: name a repository in laterbase:backups.repositories and bring it up.`,
    );
  }
  return {
    agent: located(agent.container, agent),
    repositories: repositories.map(({ number }) => number),
  };
}

/** Where the pooler is; undefined where the stack has none. */
export function poolerOf({ pooler }: KnownOutputs): Located | undefined {
  return pooler && located(pooler.container, pooler);
}

/** Where the monitor is; undefined where the stack has none. */
export function monitorOf({ health }: KnownOutputs): Located | undefined {
  return health && located(health.container, health);
}

/** Where the monitor is, for a command that needs one. */
export function monitorOfStack(stack: string, outputs: KnownOutputs): Located {
  const monitor = monitorOf(outputs);
  if (monitor) return monitor;
  throw new CliError(
    `The stack ${stack} has no monitor: set laterbase:health in Pulumi.${stack}.yaml and bring it up.`,
    4,
  );
}

/** Where the pooler is, for a command that needs one. */
export function poolerOfStack(stack: string, outputs: KnownOutputs): Located {
  const pooler = poolerOf(outputs);
  if (pooler) return pooler;
  throw new CliError(
    `The stack ${stack} has no pooler: set laterbase:pooler in Pulumi.${stack}.yaml and bring it up.`,
    4,
  );
}

/** Where the primary is; undefined where it is external. */
export function primaryOf({ primary }: KnownOutputs): Located | undefined {
  return primary?.container ? located(primary.container, primary) : undefined;
}

const located = (name: string, { dockerHost }: EngineOutput): Located => ({
  name,
  ...(dockerHost ? { host: dockerHost } : {}),
});
