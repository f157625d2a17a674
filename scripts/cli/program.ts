import { Command } from "commander";
import { commandGroups } from "./commands";
import { wordsOf } from "./completion/words";
import type { OperatorCommand } from "./operatorCommand";
import { type Connections, Session } from "./session";
import { commandHelp, rootHelp } from "./terminal/help";

export interface GlobalOptions {
  stack: string;
  json?: boolean;
}

/** What reads the command line: built from the registry of commands. */
export function program(connections: Connections): Command {
  const root = new Command("laterbase")
    .description("Operate a Laterbase stack: how it is, logins, dumps, backups, restores, servers.")
    .option("-s, --stack <name>", "the stack", process.env["PULUMI_STACK"] || "dev")
    .option(
      "--json",
      "print one JSON value: the result, or { error, exitCode }; progress goes to standard error",
    )
    .helpOption("-h, --help", "show the help")
    .exitOverride()
    .showHelpAfterError("(--help shows the commands and their options)");
  const session = () => new Session(connections, root.opts<GlobalOptions>(), () => wordsOf(root));
  for (const { title, commands } of commandGroups) {
    for (const command of commands) {
      add(root, command, session).helpGroup(`${title}:`);
      for (const name of command.hiddenAliases ?? []) {
        add(root, { ...command, name }, session, { hidden: true });
      }
    }
  }
  root.addHelpText("after", rootHelp());
  return root.commandsGroup("Help:").helpCommand("help [command]", "show the help of a command");
}

function add(
  root: Command,
  described: OperatorCommand,
  session: () => Session,
  visibility: { hidden?: boolean } = {},
): Command {
  const { name, description, arguments: words = [], options = [] } = described;
  const command = root
    .command(name, visibility)
    .description(description)
    .helpOption("-h, --help", "show the help of this command")
    .addHelpText("after", commandHelp(described));
  for (const word of words) command.addArgument(word);
  for (const option of options) command.addOption(option);
  // The last of commander's arguments is the command itself.
  return command.action((...input) => {
    const words = input.slice(0, -1) as never[];
    const misuse = described.misuse?.(...words);
    if (misuse !== undefined) command.error(`error: ${misuse}`);
    return described.run(session(), ...words);
  });
}
