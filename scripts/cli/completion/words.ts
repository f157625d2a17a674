import type { Command } from "commander";

/** What the completion of a command offers. */
export interface CommandWords {
  name: string;
  description: string;
  /** Long and short, such as `--stack`. */
  options: {
    flag: string;
    description: string;
    /** Whether a value must follow. */
    takesValue: boolean;
    /** Whether a standby's name may follow. */
    takesStandby: boolean;
  }[];
  /** The fixed words of its first argument; `roles`: the containers of a stack. Empty: it is free. */
  choices: readonly string[] | "roles";
}

/** The words of a command line. */
export interface Words {
  global: CommandWords["options"];
  commands: CommandWords[];
}

/** Reads the words from commander's own tree, so that they are those that it accepts. */
export function wordsOf(root: Command): Words {
  const help = root.createHelp();
  const optionsOf = (command: Command): CommandWords["options"] =>
    help.visibleOptions(command).flatMap(({ long, short, description, required, optional }) =>
      [long, short].flatMap((flag) =>
        flag
          ? [
              {
                ...{ flag, description, takesValue: required },
                takesStandby: optional && flag === "--standby",
              },
            ]
          : [],
      ),
    );
  return {
    global: optionsOf(root),
    commands: help.visibleCommands(root).map((command) => {
      const [first] = command.registeredArguments;
      const isRole = first?.name() === "role";
      return {
        name: command.name(),
        description: command.description(),
        options: optionsOf(command),
        choices: isRole ? "roles" : (first?.argChoices ?? []),
      };
    }),
  };
}
