import { Command, InvalidArgumentError } from "commander";
import { credentials } from "./commands/credentials";
import { dump } from "./commands/dump";
import { holdPooler, releasePooler } from "./commands/pausePooler";
import { listDumps } from "./commands/listDumps";
import { preflight } from "./commands/preflight";
import { restartPrimary, type RestartOptions } from "./commands/restartPrimary";
import { restoreDump, type RestoreOptions } from "./commands/restoreDump";
import { verifyDump } from "./commands/verifyDump";
import { type Connections, Session } from "./session";

interface GlobalOptions {
  stack: string;
  json?: boolean;
}

/** The commands, their arguments and what they are for. */
export function program(connections: Connections): Command {
  const root = new Command("laterbase")
    .description("Looks, dumps, restores, restarts and credentials of a Laterbase stack.")
    .option("-s, --stack <name>", "the stack", process.env["PULUMI_STACK"] || "dev")
    .option("--json", "one JSON value on standard output; progress stays on standard error")
    .exitOverride()
    .showHelpAfterError("(--help tells how)");
  const session = () => new Session(connections, root.opts<GlobalOptions>());

  root
    .command("preflight")
    .description(
      "look at the primary before 'up': what cannot work, what can hurt; touches nothing",
    )
    .action(() => preflight(session()));
  root
    .command("dump")
    .argument("[database...]", "which databases; default: those of laterbase:dumps")
    .description("dump now")
    .option("--accept-smaller", "take a dump that is much smaller than the last one")
    .action((databases: string[], options: { acceptSmaller?: boolean }) =>
      dump(session(), databases, options),
    );
  root
    .command("list-dumps")
    .argument("[database]", "of one database only")
    .description("list the dumps that are there, the newest first")
    .action((database?: string) => listDumps(session(), database));
  root
    .command("restore-dump")
    .argument("<dump>", "a dump's id, or a database for its latest dump")
    .description("restore a dump into a new database and compare it with what was dumped")
    .option("--as <name>", "the new database's name (in place: the one to replace)")
    .option("--in-place", "give the restored database the name; the old one is kept under another")
    .option("--yes", "do not ask before --in-place")
    .option("--create-roles", "make roles that the server lacks, without the right to log in")
    .option("--keep-different", "keep a new database that is not what was dumped")
    .action((wanted: string, options: RestoreOptions) => restoreDump(session(), wanted, options));
  root
    .command("verify-dump")
    .argument("<dump>", "a dump's id, or a database for its latest dump")
    .description("read a dump's files and compare them with their checksums")
    .action((wanted: string) => verifyDump(session(), wanted));
  root
    .command("restart-primary")
    .description("restart a managed primary while the pooler's clients wait")
    .option("--wait <seconds>", "how long transactions may take to end", patience, 60)
    .option("--now", "do not wait for them: those under way fail")
    .action((options: RestartOptions) => restartPrimary(session(), options));
  root
    .command("hold-pooler")
    .description("let the pooler's clients wait, for a restart of somebody else's primary")
    .option("--wait <seconds>", "how long transactions may take to end", patience, 60)
    .action((options: { wait: number }) => holdPooler(session(), options));
  root
    .command("release-pooler")
    .description("let the pooler's clients go on")
    .action(() => releasePooler(session()));
  root
    .command("credentials")
    .description("show logins, passwords and passphrases of the stack")
    .action(() => credentials(session()));
  return root;
}

/** Longer, and the pooler would send away the first clients that wait: its query_wait_timeout is 120 s. */
function patience(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100) return value;
  throw new InvalidArgumentError("It must be a whole number of seconds from 1 to 100.");
}
