import { randomBytes } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { agentPaths } from "../../../contract/agentPaths";
import { receivedDump } from "../../../contract/receivedDump";
import { connect } from "../../engine/connect";
import { CliError } from "../terminal/cliError";
import type { Agent } from "./askAgent";

const RECEIVE = `set -euo pipefail; umask 027; mkdir "$1"
tar -xf - --no-same-owner --no-same-permissions -C "$1" || { rm -rf "$1"; exit 1; }`;
const FORGET = 'rm -rf "$1"';

/**
 * A folder in the agent's container, beside the unfinished dumps. The agent removes it at its next start
 * if this process dies.
 */
export interface AgentFolder {
  /** What requests name it by. */
  token: string;
  /** Unpacks a tar into it, which must not be there yet. */
  fill: (tar: AsyncIterable<unknown>) => Promise<void>;
  /** Removes it. */
  forget: () => Promise<void>;
}

export function agentFolder({ name, host }: Agent, signal?: AbortSignal): AgentFolder {
  const token = randomBytes(8).toString("hex");
  const folder = `${agentPaths.backups}/${receivedDump.folderOf(token)}`;
  const engine = connect(host ? { host } : {});
  const container = engine.getContainer(name);
  const run = async (script: string, input?: AsyncIterable<unknown>) => {
    const Cmd = ["bash", "-c", script, "bash", folder];
    const attached = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
    const exec = await container.exec({ Cmd, User: "postgres", WorkingDir: "/", ...attached });
    const stream = await exec.start({ hijack: true, stdin: true });
    const said: Buffer[] = [];
    const sink = { write: (chunk: Buffer) => said.push(chunk) } as never;
    engine.modem.demuxStream(stream, sink, sink);
    const ended = new Promise((done) => stream.once("end", done).once("close", done));
    let lost: NodeJS.ErrnoException | undefined;
    if (input) {
      await pipeline(input, stream, { ...(signal ? { signal } : {}) }).catch(
        (error: NodeJS.ErrnoException) => (lost = error),
      );
    } else stream.end();
    await ended;
    // tar says itself why it took no more. Only a file of this machine has a path.
    if (lost?.path !== undefined) throw new CliError(`A file cannot be read: ${lost.message}.`);
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) {
      const why = Buffer.concat(said).toString().trim().split("\n").at(-1);
      throw new CliError(`Nothing could be sent to ${name}: ${why ?? `exit ${ExitCode}`}`);
    }
  };
  const fill = (tar: AsyncIterable<unknown>) =>
    run(RECEIVE, tar).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  return { token, fill, forget: () => run(FORGET) };
}
