import { visibleJson } from "../../contract/visible";
import type { Words } from "./completion/words";
import type { askAgent } from "./servers/askAgent";
import { CliError } from "./terminal/cliError";
import type { LocalDump } from "./servers/localDump";
import { sendDump } from "./servers/sendDump";
import type { Servers } from "./servers/servers";
import type * as Looks from "./status/looks";
import {
  agentOf,
  backingUp,
  type KnownOutputs,
  type Located,
  type readOutputs,
} from "./stack/outputs";
import { standbyContainers } from "./stack/exportedState";
import { readStackState, type StackState } from "./stack/stackState";
import { bringUp, type UpOptions } from "./stack/up";
import type * as Superuser from "./stack/superuser";
import type { readSuperuser, SuperuserLogin } from "./stack/superuser";
import type { Terminal } from "./terminal/terminal";

/** What a command talks to. Tests replace it. */
export interface Connections {
  readOutputs: typeof readOutputs;
  /** What Pulumi knows of a stack. Default: as its state has it. */
  readStack?: (stack: string) => Promise<StackState>;
  askAgent: typeof askAgent;
  servers: Servers;
  /** Looks at a whole stack. Default: at its containers and servers. */
  looks?: typeof Looks.looks;
  /** Sends a dump to the agent. Default: through the engine. */
  sendDump?: typeof sendDump;
  /** The containers of a stack's standbys, by the standbys' names. Default: as the stack's state has them. */
  readStandbys?: (stack: string) => Promise<ReadonlyMap<string, Located>>;
  /** Brings a stack up. Default: as `npm run pulumi -- up` does. */
  bringUp?: typeof bringUp;
  /** The superuser's login. Default: as the stack's state or its configuration has it. */
  readSuperuser?: typeof readSuperuser;
  terminal: Terminal;
  /** Aborted when the operator interrupts the command. */
  signal?: AbortSignal;
}

/** One run of a command on one stack. */
export class Session {
  readonly stack: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal | undefined;
  private outputs: Promise<KnownOutputs> | undefined;

  constructor(
    private readonly connections: Connections,
    private readonly options: { stack: string; json?: boolean },
    /** The words that the command line takes. */
    readonly words: () => Words = () => ({ global: [], commands: [] }),
  ) {
    this.stack = options.stack;
    this.terminal = connections.terminal;
    this.signal = connections.signal;
  }

  /** Whether standard output is for one JSON value. */
  get json(): boolean {
    return this.options.json ?? false;
  }

  get servers(): Servers {
    return this.connections.servers;
  }

  /** What looks at the whole stack. */
  get looks(): typeof Looks.looks {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: it loads the Docker client
    return this.connections.looks ?? (require("./status/looks") as typeof Looks).looks;
  }

  /** The stack's outputs, read once. */
  async stackOutputs(): Promise<KnownOutputs> {
    this.outputs ??= this.connections.readOutputs(this.stack);
    return this.outputs;
  }

  /** The superuser's login. */
  async superuser(): Promise<SuperuserLogin> {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: it reads configurations
    const real = () => (require("./stack/superuser") as typeof Superuser).readSuperuser;
    const read = this.connections.readSuperuser ?? real();
    return read(this.stack, () => this.stackState());
  }

  /** The containers of the standbys, by the standbys' names. */
  async standbys(): Promise<ReadonlyMap<string, Located>> {
    const { readStandbys } = this.connections;
    if (readStandbys) return readStandbys(this.stack);
    const found = standbyContainers((await this.stackState()).state);
    return new Map([...found].map(([name, one]) => [name, located(one)]));
  }

  /** What Pulumi knows of the stack. Its secrets are opened only where a command asks for them. */
  async stackState(): Promise<StackState> {
    return (this.connections.readStack ?? readStackState)(this.stack);
  }

  /** Brings the stack up, and returns the exit code. Its questions are those of `up`. */
  bringUp(options: Pick<UpOptions, "yes">): Promise<number> {
    const { bringUp: up = bringUp, signal } = this.connections;
    return up(this.stack, { ...options, signal });
  }

  /** Asks the stack's agent, and shows its progress. */
  async ask<Result>(command: string, args: Record<string, unknown>): Promise<Result> {
    const agent = agentOf(this.stack, await this.stackOutputs());
    const say = (line: string) => this.terminal.progress(line);
    return this.connections.askAgent<Result>(agent, command, args, say, this.connections.signal);
  }

  /** Asks the agent's program in another container of the stack. */
  askAt<Result>(place: Located, command: string, args: Record<string, unknown>): Promise<Result> {
    const say = (line: string) => this.terminal.progress(line);
    return this.connections.askAgent<Result>(place, command, args, say, this.connections.signal);
  }

  /**
   * Asks the agent that backs up, and shows its progress.
   *
   * @param signal ends the question. Default: the operator's interruption
   * @throws CliError when the stack makes no backups, or has no repository of the number `repo`
   */
  async askBackups<Result>(
    command: string,
    { repo, ...args }: Record<string, unknown> & { repo?: number | undefined },
    signal = this.connections.signal,
  ): Promise<Result> {
    const { agent, repositories } = backingUp(this.stack, await this.stackOutputs());
    if (repo !== undefined && !repositories.includes(repo)) {
      const numbers = repositories.join(", ");
      throw new CliError(`There is no repository ${repo}: choose from ${numbers}.`, 2);
    }
    const say = (line: string) => this.terminal.progress(line);
    const asked = repo === undefined ? args : { ...args, repo };
    return this.connections.askAgent<Result>(agent, command, asked, say, signal);
  }

  /** Does something with a dump of the operator's machine, which is in the agent's container meanwhile. */
  async withSent<Result>(dump: LocalDump, work: (id: string) => Promise<Result>): Promise<Result> {
    const agent = agentOf(this.stack, await this.stackOutputs());
    const send = this.connections.sendDump ?? sendDump;
    const sent = await send(agent, dump, this.connections.signal);
    try {
      return await work(sent.id);
    } finally {
      await sent.forget().catch((error: Error) => this.terminal.progress(error.message));
    }
  }

  /**
   * Asks before something that cannot be undone. `--yes` of the command answers instead.
   *
   * @param wanted what the operator must type
   * @throws CliError without a terminal, or for another answer
   */
  async confirm(question: string, wanted: string, yes = false): Promise<void> {
    if (yes) return;
    const { ask } = this.terminal;
    if (!ask) throw new CliError("There is no terminal to ask for a confirmation: add --yes.", 2);
    const typed = (await ask(question)).trim();
    if (typed !== wanted) throw new CliError("Not confirmed: nothing was changed.", 4);
  }

  /** Whether a program reads the result. */
  get isJson(): boolean {
    return this.options.json === true;
  }

  /** Prints the result as JSON or, without `--json`, as text. */
  show(result: unknown, text: () => string): void {
    this.terminal.print(this.options.json ? visibleJson(result) : text());
  }

  /** Ends an interrupted command; the sentence says what state it leaves. */
  stopIfInterrupted(state: string): void {
    if (this.signal?.aborted) throw new CliError(`Interrupted: ${state}.`);
  }

  /** The work's result. An interrupted command does not wait for it. */
  async unlessInterrupted<T>(work: Promise<T>, state: string): Promise<T> {
    const { signal } = this;
    if (!signal) return work;
    const interrupted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return Promise.race([
      work,
      interrupted.then<never>(() => {
        // Nobody waits for the result, so a failure must not end the process.
        work.catch(() => undefined);
        throw new CliError(`Interrupted: ${state}.`);
      }),
    ]);
  }

  /** What the operator types to run another command for the same stack. */
  command(words: string): string {
    const stack = this.stack === "dev" ? "" : ` --stack ${this.stack}`;
    return `npm run laterbase -- ${words}${stack}`;
  }
}

const located = ({ name, host }: { name: string; host: string }): Located =>
  host === "" ? { name } : { name, host };
