import { dataDirectory, dataFolder } from "../../../contract/names";
import { exitCode } from "../../../contract/pgBackRestExits";
import { Complaints, failureSentence, Percents } from "../../../contract/pgBackRestLog";
import { CliError } from "../terminal/cliError";
import { size } from "../terminal/format";
import type { RestoreContainer } from "./restoreContainer";

/** What is restored, and where it goes. */
export interface RestoreFilesArgs {
  /** pgBackRest's stanza. */
  stanza: string;
  /** The plan's words after `pgbackrest`: the command first. */
  words: readonly string[];
  /** The folder in the volume that gets the data, such as `data.restored`. It is made where it is missing. */
  folder: string;
  /** The size of the data, for the progress. */
  bytes: number;
  say: (progress: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Restores a backup's files into a folder of the volume that a restore's container has mounted where the primary has
 * its data. The server that is started on them replays the WAL.
 *
 * @throws CliError with the meaning of pgBackRest's exit code
 */
export async function restoreFiles(
  container: RestoreContainer,
  { stanza, words, folder, bytes, say, signal }: RestoreFilesArgs,
): Promise<void> {
  const path = `${dataFolder("primary")}/${folder}`;
  const made = await container.run(["mkdir", "-p", "-m", "0700", path], { signal });
  if (made.code !== 0) throw new CliError(`${path} cannot be made: ${made.stderr}`);
  const complaints = new Complaints();
  const percents = new Percents();
  const onLine = (line: string) => {
    complaints.take(line);
    const reached = percents.take(line);
    if (reached === undefined) return;
    say(`restored ${reached} % of ${size(bytes)}`);
  };
  const ran = await container.run(restoreWords(stanza, words, path), { onLine, signal });
  if (ran.code !== 0) {
    const sentence = failureSentence(ran.code, complaints.error());
    if (!damage.includes(ran.code)) throw new CliError(sentence);
    say("looking for the file that is damaged");
    const files = await damagedFiles(container, { stanza, words, signal });
    throw new CliError(`${sentence}${files.length > 0 ? ` Damaged: ${files.join(", ")}.` : ""}`);
  }
  say(`restored ${size(bytes)} of data`);
}

const damage: readonly number[] = [exitCode.checksum, exitCode.format];
const damaged = /(?:checksum|size|file) '([^']+)'/;
const most = 5;

/** The files that pgBackRest calls damaged in the backup. Its error names none. Empty where it cannot look. */
async function damagedFiles(
  container: RestoreContainer,
  { stanza, words, signal }: Pick<RestoreFilesArgs, "stanza" | "words" | "signal">,
): Promise<string[]> {
  const backup = words.filter((word) => /^--(repo|set)=/.test(word));
  const levels = ["--log-level-file=off", "--log-level-console=detail", "--log-level-stderr=off"];
  const found: string[] = [];
  const onLine = (line: string) => {
    const [, file] = damaged.exec(line) ?? [];
    if (file !== undefined && !found.includes(file)) found.push(file);
  };
  const command = ["pgbackrest", "verify", `--stanza=${stanza}`, ...levels, ...backup];
  await container.run(command, { onLine, signal });
  return found.slice(0, most);
}

/** The command line of a restore into a folder. */
export function restoreWords(stanza: string, words: readonly string[], path: string): string[] {
  const [command = "", ...options] = words;
  return [
    ...["pgbackrest", command, `--stanza=${stanza}`, `--pg1-path=${path}`],
    // The log's folder is in a repository, which cannot be written here.
    ...["--log-level-file=off", "--log-level-console=detail", "--log-level-stderr=off"],
    ...options,
    `--recovery-option=restore_command=${restoreCommand(stanza, options)}`,
  ];
}

/**
 * How the server that is started on the data gets WAL: from the plan's repository, as another one may be away.
 * pgBackRest would name the folder of the restore, which gets another name by then.
 */
function restoreCommand(stanza: string, options: readonly string[]): string {
  const repository = options.filter((word) => /^--repo=\d+$/.test(word));
  const words = [`--stanza=${stanza}`, `--pg1-path=${dataDirectory("primary")}`, ...repository];
  // PostgreSQL takes any code up to 125 for the end of all WAL, and would take writes there. Only 1 says that: with any
  // other one it has to stop, and its container starts it again.
  return `pgbackrest ${words.join(" ")} archive-get %f "%p" || { c=$?; [ $c = 1 ] || c=255; exit $c; }`;
}
