import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import { agentPaths } from "../../../contract/agentPaths";
import { receivedDump } from "../../../contract/receivedDump";
import { connect } from "../../engine/connect";
import { CliError } from "../terminal/cliError";
import type { Agent } from "./askAgent";
import type { LocalDump } from "./localDump";

const RECEIVE = `set -euo pipefail; umask 027; mkdir "$1"
tar -xf - --no-same-owner --no-same-permissions -C "$1" || { rm -rf "$1"; exit 1; }`;
const FORGET = 'rm -rf "$1"';

/** A dump in the agent's container. */
export interface SentDump {
  /** What commands take in place of a dump's id. */
  id: string;
  /** Removes it. */
  forget(): Promise<void>;
}

/**
 * Sends a dump into the agent's container, beside the unfinished dumps. The agent removes it at its next
 * start if this process dies.
 */
export async function sendDump(
  { name, host }: Agent,
  dump: LocalDump,
  signal?: AbortSignal,
): Promise<SentDump> {
  const token = randomBytes(8).toString("hex");
  const folder = `${agentPaths.backups}/${receivedDump.folderOf(token)}`;
  const engine = connect(host ? { host } : {});
  const container = engine.getContainer(name);
  const run = async (script: string, input?: tar.Pack) => {
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
      throw new CliError(`The dump could not be sent to ${name}: ${why ?? `exit ${ExitCode}`}`);
    }
  };
  await run(RECEIVE, packed(dump)).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
  return { id: receivedDump.idOf(token), forget: () => run(FORGET) };
}

function packed({ from, files }: LocalDump): tar.Pack {
  const pack = tar.pack();
  const add = async () => {
    pack.entry({ name: receivedDump.from }, from);
    for (const { name, path, bytes } of files) {
      // The end is a file that grows: an entry has the size that was announced.
      const content = createReadStream(path, bytes > 0 ? { end: bytes - 1 } : {});
      await pipeline(content, pack.entry({ name, size: bytes }));
    }
    pack.finalize();
  };
  void add().catch((error: Error) => pack.destroy(error));
  return pack;
}
