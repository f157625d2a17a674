import { dataDirectory, dataFolder } from "../../../contract/names";
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
  if (ran.code !== 0) throw new CliError(failureSentence(ran.code, complaints.error()));
  say(`restored ${size(bytes)} of data`);
}

/** The command line of a restore into a folder. */
export function restoreWords(stanza: string, words: readonly string[], path: string): string[] {
  const [command = "", ...options] = words;
  return [
    ...["pgbackrest", command, `--stanza=${stanza}`, `--pg1-path=${path}`],
    // The log's folder is in a repository, which cannot be written here.
    ...["--log-level-file=off", "--log-level-console=detail", "--log-level-stderr=off"],
    ...options,
    `--recovery-option=restore_command=${restoreCommand(stanza)}`,
  ];
}

/**
 * How the server that is started on the data gets WAL. pgBackRest would name the folder of the restore, which gets
 * another name by then.
 */
const restoreCommand = (stanza: string) =>
  `pgbackrest --stanza=${stanza} --pg1-path=${dataDirectory("primary")} archive-get %f "%p"`;
