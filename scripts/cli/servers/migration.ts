import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { execa } from "execa";
import { connect } from "../../engine/connect";
import { execThrough, signalMarked } from "../../engine/execThrough";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

/** How a migration ended. */
export interface Ended {
  /** Its exit code; of one that a signal ended, 128 and the signal's number, as a shell has it. */
  code: number;
  /** The signal that ended it. */
  signal?: string;
  /** Why it did not begin, or why nobody knows how it ended. */
  problem?: string;
}

/** A program that changes an application's tables. */
export interface Migration {
  command: readonly string[];
  /** The connection, for its environment and nothing else. */
  databaseUrl: string;
  /** Where its standard output goes. */
  stdout: NodeJS.WriteStream;
  say: (line: string) => void;
}

/** Signals that the program gets too. */
const passedOn = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const numbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Calls `send` for every signal to this process, until the work has ended. */
async function passing<T>(send: (signal: NodeJS.Signals) => void, work: Promise<T>): Promise<T> {
  for (const signal of passedOn) process.on(signal, send);
  try {
    return await work;
  } finally {
    for (const signal of passedOn) process.off(signal, send);
  }
}

/**
 * The folder of a migration.
 *
 * @throws CliError when it is not there
 */
export function folderOf(directory: string, key: string): string {
  const folder = resolve(directory);
  let found;
  try {
    found = statSync(folder);
  } catch {
    throw new CliError(`There is no folder ${folder}, which ${key} names: nothing was run.`, 4);
  }
  if (found.isDirectory()) return folder;
  throw new CliError(`${folder}, which ${key} names, is no folder: nothing was run.`, 4);
}

/** Runs it on this machine, without a shell. */
export async function migrateHere(
  folder: string,
  { command: [program = "", ...words], databaseUrl, stdout }: Migration,
): Promise<Ended> {
  const child = execa(program, words, {
    cwd: folder,
    env: { ...ownEnvironment(), DATABASE_URL: databaseUrl },
    extendEnv: false,
    stdio: ["inherit", stdout, process.stderr],
    reject: false,
    cleanup: false,
  });
  const isTerminal = process.stdin.isTTY;
  const send = (signal: NodeJS.Signals) => {
    // The key of a terminal reaches it without us, and a second one would cut its clean-up short.
    if (signal === "SIGINT" && isTerminal) return;
    // A migration that got a signal ends when it has tidied up.
    child.kill(signal, { forceKillAfterTimeout: false });
  };
  const ended = await passing(send, child);
  if (ended.signal) return { code: 128 + (numbers[ended.signal] ?? 0), signal: ended.signal };
  if (ended.exitCode !== undefined) return { code: ended.exitCode };
  const { code, originalMessage } = ended as { code?: string; originalMessage?: string };
  const why =
    code === "ENOENT"
      ? `there is no program ${program}`
      : code === "EACCES"
        ? `${program} may not be run`
        : (originalMessage ?? "it did not start");
  return { code: code === "EACCES" ? 126 : 127, problem: why };
}

/** What set-up and npm put into our environment is not for the program: passphrases, and folders of our own. */
export function ownEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const ours =
    /^(PULUMI_|LATERBASE_|npm_lifecycle_|npm_package_|npm_config_(local_)?prefix$|INIT_CWD$|NODE_COMPILE_CACHE$|DATABASE_URL$)/;
  const kept = Object.entries(env).filter(([name]) => !ours.test(name));
  const path = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((one) => !/\/node_modules\/\.bin$/.test(one));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

/**
 * Looks whether a program can run in this container.
 *
 * @param network the stack's network, in which the names of `DATABASE_URL` are known
 * @throws CliError when it cannot
 */
export async function containerFor(
  container: Located,
  network: string,
  key: string,
): Promise<void> {
  const { name, host } = container;
  const at = host ? ` on ${host}` : "";
  const docker = `docker ${host ? `--host ${host} ` : ""}`;
  const found = await connect({ host })
    .getContainer(name)
    .inspect()
    .catch((error: Error & { statusCode?: number }) => {
      if (error.statusCode === 404) return undefined;
      throw new CliError(`The engine${at} cannot be asked: ${error.message.split("\n")[0]}.`);
    });
  if (!found) {
    throw new CliError(
      `There is no container ${name}${at}, which ${key} names: nothing was run.`,
      4,
    );
  }
  if (!found.State.Running || found.State.Paused) {
    const how = found.State.Paused ? `${docker}unpause ${name}` : `${docker}start ${name}`;
    throw new CliError(
      `The container ${name}, which ${key} names, does not run: '${how}'. Nothing was run.`,
      4,
    );
  }
  if (Object.keys(found.NetworkSettings.Networks).includes(network)) return;
  throw new CliError(
    `The container ${name} is not in the network ${network}, so it does not reach the primary: '${docker}network connect ${network} ${name}'. Nothing was run.`,
    4,
  );
}

/** Runs it in a container. */
export async function migrateIn(
  { name, host }: Located,
  { command, databaseUrl, stdout, say }: Migration,
): Promise<Ended> {
  const engine = connect({ host });
  const marker = randomUUID();
  const environment = { DATABASE_URL: databaseUrl, LATERBASE_MIGRATION: marker };
  let last: NodeJS.Signals | undefined;
  const send = (signal: NodeJS.Signals) => {
    last = signal;
    void signalMarked(engine, name, signal, `LATERBASE_MIGRATION=${marker}`).then((sent) => {
      if (!sent)
        say(`${signal} did not reach the program in ${name}: it goes on until it ends there.`);
    });
  };
  const run = async () => {
    const streams = { stdout, stderr: process.stderr };
    return (await execThrough(engine, name, { command, environment, ...streams })).ended;
  };
  try {
    const code = await passing(send, run());
    if (code === undefined) return { code: 1, problem: `the container ${name} stopped` };
    return { code, ...(last && code > 128 ? { signal: last } : {}) };
  } catch (error) {
    // 400: the engine found no such program.
    const [why = ""] = (error as Error).message.split("\n");
    return { code: 127, problem: why };
  }
}
