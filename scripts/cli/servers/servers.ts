import { connect } from "../../engine/connect";
import { hold, release } from "../../pooler";
import type { Report } from "../../primary";
import { LocalPrimary } from "../../primary/localPrimary";
import { untilReady } from "../../engine/untilReady";
import { CliError } from "../terminal/cliError";
import type * as Look from "./preflight";
import type { Located } from "../stack/outputs";

/** What the operator's command does with the servers themselves; tests put others here. */
export interface Servers {
  /**
   * Lets clients of the pooler wait, once their transactions have ended; returns whether there was
   * anything to hold. When it fails, or nobody waits for it any more, none is held.
   */
  hold(pooler: Located, options: HoldOptions): Promise<boolean>;
  /** Lets them go on. */
  release(pooler: Located): Promise<void>;
  /** Has a managed primary write what it has in memory. */
  checkpoint(primary: Located): Promise<void>;
  /** How many clients a managed primary has. */
  clients(primary: Located): Promise<number>;
  /** Restarts a managed primary and returns when it answers again, or when nobody waits for that. */
  restart(primary: Located, say: (turn: string) => void, signal?: AbortSignal): Promise<void>;
  /** Looks at a stack's primary, which may not be up yet, and changes nothing there. */
  preflight(stack: string, say: (turn: string) => void, signal?: AbortSignal): Promise<Report>;
}

export interface HoldOptions {
  /** How long to wait for transactions to end. */
  seconds: number;
  signal?: AbortSignal;
}

const engineOf = ({ host }: Located) => connect(host ? { host } : {});
const local = (primary: Located) => new LocalPrimary(engineOf(primary), primary.name);

export const servers: Servers = {
  hold: async (pooler, { seconds, signal }) => {
    const engine = engineOf(pooler);
    try {
      return await inOneSentence(() => hold(engine, pooler.name, { seconds }, signal));
    } catch (error) {
      // In there it goes on without us, until it is told to end.
      if (signal?.aborted) await release(engine, pooler.name);
      throw error;
    }
  },
  release: (pooler) => inOneSentence(() => release(engineOf(pooler), pooler.name)),
  checkpoint: (primary) => inOneSentence(() => local(primary).checkpoint()),
  clients: (primary) => inOneSentence(() => local(primary).clients()),
  restart: (primary, say, signal) =>
    inOneSentence(async () => {
      const container = engineOf(primary).getContainer(primary.name);
      // With the container's own time to stop: PostgreSQL shall write its last checkpoint.
      // Nothing ends this: between its halves the primary would stay down.
      await container.restart();
      if (signal?.aborted) return;
      await untilReady(container, say, 100);
      // What the container said before its restart may have been read once more.
      await local(primary).verifier();
    }),
  preflight: (stack, say, signal) => {
    // The program's own reader of the configuration takes a while to load; nothing else here needs it.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, in CommonJS
    const { lookAtPrimary } = require("./preflight") as typeof Look;
    return lookAtPrimary(stack, say, signal);
  },
};

/** Whatever goes wrong out there is something to tell the operator. */
async function inOneSentence<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const [said = ""] = (error as Error).message.trim().split("\n");
    throw new CliError(`${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.?$/, ".")}`);
  }
}
