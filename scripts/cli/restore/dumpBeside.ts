import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { conninfoQuote, quoted } from "../../../contract/quoting";
import { socketFolder } from "../../../contract/names";
import { sessionShell } from "../../../contract/sessionSettings";
import { connect } from "../../engine/connect";
import { LocalPrimary } from "../../primary/localPrimary";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { unfinishedDump } from "./dumpFile";

/** A session that only reads, and waits for nobody. */
const session = sessionShell("SESSION", {
  superuser: true,
  with: { default_transaction_read_only: "on", lock_timeout: "60s", jit: "off" },
});

/** The archive goes to standard output, and its size to standard error as the last line. */
const DUMP = `set -euo pipefail
${session}
export PGOPTIONS=$SESSION
{ pg_dump --format=custom --no-password --host=${socketFolder("primary")} --username=postgres --dbname="$1" |
  tee /dev/fd/3 | wc -c >&2; } 3>&1`;

/** The databases of a server of ours that can be dumped. */
export async function databasesBeside({ name, host }: Located): Promise<string[]> {
  return new LocalPrimary(connect({ host }), name).json<string[]>(
    "SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_database WHERE datallowconn AND datname NOT IN ('template0', 'template1')",
  );
}

/**
 * Dumps one database of a restored server into a file of this machine, which appears when it is whole.
 *
 * @returns its size
 * @throws CliError with pg_dump's own last line
 */
export async function dumpBeside(
  server: Located,
  database: string,
  path: string,
  signal?: AbortSignal,
): Promise<number> {
  const there = await databasesBeside(server);
  if (!there.includes(database)) {
    const list = there.map(quoted).join(", ");
    throw new CliError(`The restored state has no database ${quoted(database)}: it has ${list}.`);
  }
  const unfinished = unfinishedDump(path);
  try {
    const bytes = await received(server, database, unfinished, signal);
    await rename(unfinished, path);
    await synced(dirname(path));
    return bytes;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function received(
  { name, host }: Located,
  database: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const engine = connect({ host });
  const dbname = `dbname=${conninfoQuote(database)}`;
  const exec = await engine.getContainer(name).exec({
    Cmd: ["bash", "-c", DUMP, "bash", dbname],
    AttachStdout: true,
    AttachStderr: true,
  });
  const file = await open(path, "w", 0o600);
  try {
    const stream = await exec.start({ hijack: true, stdin: false });
    const said: Buffer[] = [];
    const archive = demuxed(engine, stream, said);
    const end = () => archive.destroy(new CliError("Interrupted: there is no dump."));
    signal?.addEventListener("abort", end, { once: true });
    let bytes = 0;
    for await (const chunk of archive) {
      await file.appendFile(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    signal?.removeEventListener("abort", end);
    const { ExitCode } = await exec.inspect();
    const lines = Buffer.concat(said).toString("utf8").trim().split("\n");
    const sent = Number(lines.pop());
    if (ExitCode !== 0) throw new CliError(`The dump failed: ${lines.at(-1) ?? ExitCode}`);
    if (sent !== bytes) {
      throw new CliError(`The dump arrived incomplete: ${bytes} of ${sent} bytes. Try again.`);
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

/** The standard output, which the server sends as fast as the file is written. */
function demuxed(engine: Docker, stream: NodeJS.ReadableStream, said: Buffer[]): PassThrough {
  const out = new PassThrough();
  out.on("drain", () => stream.resume());
  const write = (chunk: Buffer) => {
    if (!out.write(chunk)) stream.pause();
  };
  const errors = { write: (chunk: Buffer) => said.push(chunk) };
  engine.modem.demuxStream(stream, { write } as never, errors as never);
  stream.once("end", () => out.end()).once("close", () => out.end());
  stream.once("error", (error: Error) => out.destroy(error));
  return out;
}

async function synced(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
