import { randomBytes } from "node:crypto";
import { PassThrough, type Readable } from "node:stream";
import type Docker from "dockerode";
import { connect } from "../../engine/connect";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { agentFolder } from "./agentFolder";

/** The containers that an archive passes. */
export interface ArchivePlaces {
  duplicati: Located;
  agent: Located;
}

/** Which archive, and how it is read. The target's URL may hold keys. */
export interface WantedArchive {
  target: string;
  passphrase: string;
  /** 0 is the newest archive, 1 the one before it. */
  version: number;
  /** A folder below the dumps, such as a database's or a dump's. Default: every dump in the archive. */
  below?: string;
}

/** What was brought, beside the agent's unfinished dumps. */
export interface ReceivedArchive {
  /** What `take-dumps` takes. */
  token: string;
  /** Removes what is left of it. */
  forget: () => Promise<void>;
}

/** Where Duplicati puts the files, in its own container. */
const folderFor = (token: string) => `/tmp/laterbase-restore-${token}`;

/**
 * The script's process is the leader of a group, which an interruption ends. URL and passphrase come on
 * standard input, and Duplicati reads them from a file that is in memory only.
 */
const RESTORE = `set -euo pipefail
echo "$$" >&2
folder=$1 version=$2 filter=$3
umask 077
find /tmp -maxdepth 1 -name 'laterbase-restore-*' -mmin +1440 -exec rm -rf {} + 2>/dev/null || true
IFS= read -r target
IFS= read -r passphrase
secrets=$(mktemp /dev/shm/laterbase-XXXXXX)
trap 'rm -f "$secrets"' EXIT
printf '%s\\n' "--target=$target" "--passphrase=$passphrase" --no-local-db=true "--version=$version" \\
  "--restore-path=$folder" >"$secrets"
mkdir "$folder"
code=0
duplicati-cli restore from-the-file "$filter" "--parameters-file=$secrets" >&2 || code=$?
# 1 and 2 are warnings, such as a file whose mode could not be set. The agent compares every file.
((code <= 2)) || exit "$code"`;

const PACK = 'exec tar -C "$1" -cf - .';
const FORGET = 'rm -rf "$1"';
const KILL = 'kill -TERM -- "-$1"';

/**
 * Lets Duplicati restore the dumps from its target, and brings them into the agent's container.
 *
 * @throws CliError with Duplicati's own last line
 */
export async function receiveArchive(
  { duplicati, agent }: ArchivePlaces,
  { target, passphrase, version, below }: WantedArchive,
  say: (turn: string) => void,
  signal?: AbortSignal,
): Promise<ReceivedArchive> {
  const engine = connect({ host: duplicati.host });
  const container = engine.getContainer(duplicati.name);
  const folder = folderFor(randomBytes(8).toString("hex"));
  const forget = () => run(engine, container, FORGET, [folder]).catch(() => undefined);
  try {
    say("Duplicati reads the archive");
    const filter = below === undefined ? "*" : `*/${below}/*`;
    const input = `${target}\n${passphrase}\n`;
    await run(engine, container, RESTORE, [folder, String(version), filter], { input, signal });
    say("the dumps are copied to the agent");
    const received = agentFolder(agent, signal);
    await received.fill(await packed(engine, container, folder));
    return { token: received.token, forget: received.forget };
  } finally {
    await forget();
  }
}

async function start(container: Docker.Container, script: string, words: readonly string[]) {
  const exec = await container.exec({
    Cmd: ["bash", "-c", script, "bash", ...words],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  return { exec, stream: await exec.start({ hijack: true, stdin: true }) };
}

async function run(
  engine: Docker,
  container: Docker.Container,
  script: string,
  words: readonly string[],
  { input = "", signal }: { input?: string; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  signal?.throwIfAborted();
  const { exec, stream } = await start(container, script, words);
  const said: Buffer[] = [];
  const sink = { write: (chunk: Buffer) => said.push(chunk) } as never;
  engine.modem.demuxStream(stream, sink, sink);
  const text = () => Buffer.concat(said).toString("utf8");
  const interrupt = () => {
    const [pid = ""] = text().split("\n");
    void start(container, KILL, [pid]).catch(() => undefined);
  };
  signal?.addEventListener("abort", interrupt, { once: true });
  await new Promise<void>((resolve, reject) => {
    stream.once("end", resolve).once("close", resolve).once("error", reject);
    stream.write(input);
  });
  signal?.removeEventListener("abort", interrupt);
  stream.destroy();
  if (signal?.aborted) throw new CliError("Interrupted: nothing was restored.");
  const { ExitCode } = await exec.inspect();
  if (ExitCode === 0) return;
  const lines = text().trim().split("\n");
  const why = lines.findLast((line) => line.trim() !== "" && !/^\d+$/.test(line));
  throw new CliError(
    `Duplicati could not restore from its target: ${withoutKeys(why ?? `exit code ${ExitCode}`)}`,
  );
}

/** A URL's query holds the keys of a target. */
const withoutKeys = (line: string) =>
  line
    .trim()
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?"']*)\?[^\s"']*/gi, "$1")
    .replace(/\.?$/, ".");

/** The files as a tar. */
async function packed(
  engine: Docker,
  container: Docker.Container,
  folder: string,
): Promise<Readable> {
  const { exec, stream } = await start(container, PACK, [folder]);
  const tar = new PassThrough();
  const said: Buffer[] = [];
  // The container is read as fast as the agent writes.
  tar.on("drain", () => stream.resume());
  const write = (chunk: Buffer) => {
    if (!tar.write(chunk)) stream.pause();
  };
  engine.modem.demuxStream(
    stream,
    { write } as never,
    { write: (chunk: Buffer) => said.push(chunk) } as never,
  );
  const over = () => {
    void exec.inspect().then(
      ({ ExitCode }) => {
        if (ExitCode === 0) tar.end();
        else tar.destroy(new Error(Buffer.concat(said).toString("utf8").trim()));
      },
      (error: Error) => tar.destroy(error),
    );
  };
  stream.once("end", over).once("error", (error) => tar.destroy(error));
  return tar;
}
