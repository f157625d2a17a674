import type Dockerode from "dockerode";
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { connect } from "../../engine/connect";
import { signalMarked } from "../../engine/execThrough";
import { isUnreachable, unreachable } from "../../engine/unreachable";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

/** A psql in a container of the stack. */
export interface PsqlPlace {
  container: Located;
  /** Of the server, as the container reaches it: a folder of a socket, or a host. */
  host: string;
  port: number;
  user: string;
  database: string;
  /** Absent: the server asks for none there. */
  password?: string;
  /** PGOPTIONS. Absent: as the server and the role have it. */
  options?: string;
  /** What the prompt says of the place, such as `standby`. */
  title: string;
}

/** What is typed, and where the answers go. */
export interface Console {
  input: NodeJS.ReadStream | NodeJS.ReadableStream;
  output: NodeJS.WriteStream | NodeJS.WritableStream;
  error: NodeJS.WritableStream;
  /** Whether a person sits there: psql then gets a terminal. */
  isTerminal: boolean;
}

/**
 * Takes a line with the password and starts psql. The password is in no word and in no environment of the container:
 * only in a file of its user, in memory, for the seconds that a login takes. The line is asked for when the terminal
 * echoes no more. psql reads no file of its own and writes no history: a server's people could have put them there.
 */
const script = `
umask 077
[ ! -t 0 ] || stty -echo
printf '%s\\n' "$1"
IFS= read -r line
[ ! -t 0 ] || stty echo
shift
trap : INT
if [ -n "$line" ]; then
  file=$(mktemp -p /dev/shm) || exit 1
  trap 'rm -f -- "$file"' EXIT
  printf '%s\\n' "$line" >"$file"
  ( trap '' INT HUP; sleep 8; rm -f -- "$file" ) </dev/null >/dev/null 2>&1 &
  export PGPASSFILE=$file
fi
line=
export PGCONNECT_TIMEOUT=5 PGCLIENTENCODING=UTF8
psql -X -w -v HISTFILE=/dev/null -P pager=off "$@"
`;

/**
 * Runs psql until it ends. Without a person, the first statement that fails is the last one, and the exit code says so.
 *
 * @param signal cancels the statement that runs, and ends psql
 * @returns its exit code
 * @throws CliError when it cannot be started, or was interrupted
 */
export async function psqlShell(
  place: PsqlPlace,
  console: Console,
  signal?: AbortSignal,
): Promise<number> {
  const { container, password, options, title } = place;
  const { isTerminal } = console;
  const engine = connect(container.host ? { host: container.host } : {});
  const mark = randomBytes(12).toString("hex");
  const conninfo = [
    ...[`host=${quote(place.host)}`, `port=${place.port}`, `user=${quote(place.user)}`],
    ...[`dbname=${quote(place.database)}`, "application_name='laterbase shell'"],
  ].join(" ");
  const prompt = `${title.replaceAll("%", "%%")} %/%R%x%# `;
  const words = [
    ...["-v", `PROMPT1=${prompt}`, "-v", `PROMPT2=${prompt}`],
    ...(isTerminal ? [] : ["-v", "ON_ERROR_STOP=1"]),
    ...["-d", conninfo],
  ];
  const marker = `LATERBASE_SHELL=${mark}`;
  let stream: Duplex;
  let exec: Dockerode.Exec;
  try {
    exec = await engine.getContainer(container.name).exec({
      Cmd: ["bash", "-c", script, "bash", mark, ...words],
      Env: [...(options ? [`PGOPTIONS=${options}`] : []), `TERM=${terminalName()}`, marker],
      Tty: isTerminal,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    stream = await exec.start({ hijack: true, stdin: true, Tty: isTerminal });
  } catch (error) {
    throw notStarted(container, error as Error & { statusCode?: number });
  }
  const restore = isTerminal ? raw(console, exec) : () => undefined;
  let cancelled = false;
  const stop = async () => {
    cancelled = await signalMarked(engine, container.name, "SIGINT", marker);
    await signalMarked(engine, container.name, "SIGTERM", marker);
    stream.destroy();
  };
  const interrupt = () => void stop();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    if (signal?.aborted) interrupt();
    await talk(engine, stream, { console, mark, line: passLine(password) });
  } finally {
    signal?.removeEventListener("abort", interrupt);
    restore();
    stream.destroy();
  }
  if (signal?.aborted) throw new CliError(interrupted(cancelled));
  return (await exec.inspect()).ExitCode ?? 1;
}

const interrupted = (cancelled: boolean) =>
  cancelled
    ? "Interrupted: the statement that ran was cancelled."
    : "Interrupted: the statement that ran may go on, because its container did not answer.";

/** Passes everything on in both directions, once the password's line is sent. */
function talk(
  engine: Dockerode,
  stream: Duplex,
  { console, mark, line }: { console: Console; mark: string; line: string },
): Promise<void> {
  const { input, output, error, isTerminal } = console;
  let begun = false;
  let before = "";
  const said = (chunk: Buffer) => {
    if (begun) return void output.write(chunk);
    before += chunk.toString("latin1");
    const at = before.indexOf(mark);
    const end = at < 0 ? -1 : before.indexOf("\n", at);
    if (end < 0) return;
    begun = true;
    stream.write(`${line}\n`);
    input.on("data", (typed: Buffer) => stream.write(typed));
    // psql ends at the end of what is typed.
    input.once("end", () => stream.end());
    input.resume();
    output.write(Buffer.from(before.slice(end + 1), "latin1"));
  };
  if (isTerminal) stream.on("data", said);
  else {
    const sink = (write: (chunk: Buffer) => unknown) => ({ write }) as never;
    engine.modem.demuxStream(
      stream,
      sink(said),
      sink((chunk) => error.write(chunk)),
    );
  }
  return new Promise<void>((resolve, reject) => {
    stream.once("end", resolve);
    stream.once("close", resolve);
    stream.once("error", reject);
  }).finally(() => {
    input.removeAllListeners("data");
    input.pause();
  });
}

/** Makes each key go to psql as it is typed, and tells it the size of the window. */
function raw({ input, output }: Console, exec: Dockerode.Exec): () => void {
  const keys = input as NodeJS.ReadStream;
  const window = output as NodeJS.WriteStream;
  const resize = () => {
    const { rows: h, columns: w } = window;
    if (h && w) void exec.resize({ h, w }).catch(() => undefined);
  };
  keys.setRawMode?.(true);
  window.on("resize", resize);
  resize();
  return () => {
    window.off("resize", resize);
    keys.setRawMode?.(false);
  };
}

/** A line of a pgpass file that is for every server: the only one that psql connects to. */
function passLine(password: string | undefined): string {
  if (password === undefined || password === "") return "";
  if (/[\r\n\0]/.test(password)) {
    throw new CliError("The password holds a line break, which no file of passwords can hold.");
  }
  return `*:*:*:*:${password.replace(/[\\:]/g, "\\$&")}`;
}

/** A value of a conninfo text. */
const quote = (value: string) => `'${value.replace(/[\\']/g, "\\$&")}'`;

function terminalName(): string {
  const { TERM = "dumb" } = process.env;
  return /^[\w.+-]+$/.test(TERM) ? TERM : "dumb";
}

function notStarted({ name, host }: Located, error: Error & { statusCode?: number }): CliError {
  const again = "bring the stack up to start it";
  if (error.statusCode === 404) return new CliError(`There is no container ${name}: ${again}.`);
  if (error.statusCode === 409)
    return new CliError(`The container ${name} is not running: ${again}.`);
  if (isUnreachable(error)) return new CliError(unreachable(host, error));
  return new CliError(`psql cannot be started in ${name}: ${error.message}.`);
}
