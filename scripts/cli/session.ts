import type { Agent, askAgent } from "./servers/askAgent";
import { CliError } from "./terminal/cliError";
import type { Servers } from "./servers/servers";
import { agentOf, type readOutputs, type StackOutputs } from "./stack/outputs";
import type { Terminal } from "./terminal/terminal";

/** What a command talks to; tests put others here. */
export interface Connections {
  readOutputs: typeof readOutputs;
  askAgent: typeof askAgent;
  servers: Servers;
  terminal: Terminal;
  /** The operator does not want to wait any longer. */
  signal?: AbortSignal;
}

/** One run of a command on one stack. */
export class Session {
  readonly stack: string;
  readonly terminal: Terminal;
  readonly servers: Servers;
  readonly signal: AbortSignal | undefined;
  private outputs: Promise<StackOutputs> | undefined;

  constructor(
    private readonly connections: Connections,
    private readonly options: { stack: string; json?: boolean },
  ) {
    this.stack = options.stack;
    this.terminal = connections.terminal;
    this.servers = connections.servers;
    this.signal = connections.signal;
  }

  /** The stack's outputs, asked for once. */
  async stackOutputs(): Promise<StackOutputs> {
    this.outputs ??= this.connections.readOutputs(this.stack);
    return this.outputs;
  }

  async ask<Result>(command: string, args: Record<string, unknown>): Promise<Result> {
    const agent: Agent = agentOf(this.stack, await this.stackOutputs());
    const say = (line: string) => this.terminal.progress(line);
    return this.connections.askAgent<Result>(agent, command, args, say, this.connections.signal);
  }

  /** The result, for a machine or for a person. */
  show(result: unknown, forPeople: () => string): void {
    this.terminal.print(this.options.json ? JSON.stringify(result) : forPeople());
  }

  /** Ends the command when the operator wants so; the sentence says how things stand. */
  stopIfInterrupted(standing: string): void {
    if (this.signal?.aborted) throw new CliError(`Interrupted: ${standing}.`);
  }

  /** The work's result, unless the operator does not wait for it. */
  async unlessInterrupted<T>(work: Promise<T>, standing: string): Promise<T> {
    const { signal } = this;
    if (!signal) return work;
    const interrupted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return Promise.race([
      work,
      interrupted.then<never>(() => {
        // Nobody hears any more how it ended.
        work.catch(() => undefined);
        throw new CliError(`Interrupted: ${standing}.`);
      }),
    ]);
  }

  /** How this command is called again for the same stack. */
  command(words: string): string {
    const stack = this.stack === "dev" ? "" : ` --stack ${this.stack}`;
    return `npm run laterbase -- ${words}${stack}`;
  }
}
