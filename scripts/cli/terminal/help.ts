import type { OperatorCommand } from "../operatorCommand";

const exits: Readonly<Record<number, string>> = {
  0: "it did what was asked",
  1: "it failed: the sentence on standard error says why",
  2: "the command line is wrong, and nothing was changed",
  3: "degraded: it did what it could, and what is printed says what is missing",
  4: "it refuses, and nothing was changed",
};

/** What follows the options in the help of the whole: the codes that every command has. */
export function rootHelp(): string {
  return `
Examples:
  npm run laterbase -- status
  npm run laterbase -- restore-dump --help
  npm run --silent laterbase -- status --json      for a program; --silent keeps npm's own lines away

${exitCodes({})}

Documented: docs/command.md, and each command on the page that its help names
`;
}

/** What follows the options in the help of a command. */
export function commandHelp({ example, documented, exits: own }: HelpSource): string {
  return `
Example:
  npm run laterbase -- ${example}

${exitCodes(own ?? {})}

Documented: ${documented}
`;
}

type HelpSource = Pick<OperatorCommand, "example" | "documented" | "exits">;

function exitCodes(own: NonNullable<OperatorCommand["exits"]>): string {
  const rows = Object.entries({ ...exits, ...own }).map(([code, means]) => `  ${code}  ${means}`);
  return ["Exit codes:", ...rows].join("\n");
}
