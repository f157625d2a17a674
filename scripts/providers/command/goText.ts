/**
 * Texts of the official plugin, which is written in Go. People search for error texts, so these are
 * the same.
 */

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const SIGNALS: Record<string, string> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGUSR1: "user defined signal 1",
  SIGSEGV: "segmentation fault",
  SIGUSR2: "user defined signal 2",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

/** A text in double quotes, as Go's %q prints it. */
export function quote(text: string): string {
  return `"${[...text].map(escape).join("")}"`;
}

/** How Go describes the end of a process. */
export function exitText(code: number | null, signal: string | null): string {
  if (signal !== null) return `signal: ${SIGNALS[signal] ?? signal}`;
  return `exit status ${code}`;
}

/** The error of every failed command: the cause, the command, and everything that it printed. */
export function failure(cause: string, command: string, output: string): Error {
  return new Error(`${cause}: running ${quote(command)}:\n${output}`);
}

/** A text without its last line end; further ones stay. */
export function trimLineEnd(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

function escape(char: string): string {
  if (ESCAPES[char] !== undefined) return ESCAPES[char];
  if (PRINTABLE.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
