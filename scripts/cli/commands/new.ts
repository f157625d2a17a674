import { existsSync } from "node:fs";
import { Argument, InvalidArgumentError, Option } from "commander";
import type { Document } from "yaml";
import type { OperatorCommand } from "../operatorCommand";
import type { NewStackResult } from "../results";
import type { Session } from "../session";
import { exampleNamed, exampleNames } from "../stack/examples";
import { loggedIn, NO_LOGIN } from "../stack/login";
import { backendUrl, initialise, makePassphrase, stackExists } from "../stack/newStack";
import { needsPassword, openValues } from "../stack/openValues";
import { pulumi } from "../stack/pulumi";
import { parseStackFile, setHead, writeWhole } from "../stack/stackFile";
import { CliError } from "../terminal/cliError";
import {
  check,
  fill,
  type NewOptions,
  passwordOf,
  refuseOthers,
  refuseWithoutTerminal,
} from "./newAnswers";

export const newStack: OperatorCommand = {
  name: "new",
  description: "make a stack from an example: its file, its place in Pulumi, its passphrase",
  arguments: [new Argument("<stack>", "the new stack's name, such as studio")],
  options: [
    new Option("--from <example>", "the example, such as examples/editor"),
    new Option("--host <address>", "the address or name of your PostgreSQL server"),
    new Option("--port <number>", "its port (default: the example's)").argParser(whole(1, 65535)),
    new Option("--major <number>", "its major version (default: the example's)").argParser(
      whole(13, 18),
    ),
    new Option("--databases <names>", "its databases, with commas (default: asked)").argParser(
      list,
    ),
    new Option("--superuser <role>", "its superuser (default: the example's)"),
    new Option(
      "--allow-from <networks>",
      "the networks that standbys connect from, with commas (default: this machine's toward it)",
    ).argParser(list),
    new Option("--email <address>", "the login of pgAdmin (default: asked)"),
    new Option("--password-stdin", "read the superuser's password from standard input"),
    new Option("--local", "where Pulumi has no login, keep its state on this machine"),
  ],
  example: "new studio --from examples/editor",
  documented: "examples/README.md",
  exits: { 4: "a stack or a file of this name exists already" },
  misuse: (stack: string, { from }: NewOptions) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(stack)) {
      return `a stack's name has letters, digits, _, . and -, such as studio, not '${stack}'`;
    }
    if (stack === "dev") return "the stack dev is made by npm start: choose another name";
    if (from === undefined) return `name an example: --from ${exampleNames().join(" or --from ")}`;
    return undefined;
  },
  run: make,
};

/** Everything is asked and checked before anything is made, and the file comes last. */
async function make(session: Session, stack: string, options: NewOptions): Promise<void> {
  const file = `Pulumi.${stack}.yaml`;
  if (existsSync(file)) {
    throw new CliError(`${file} exists already: choose another name, or change that file.`, 4);
  }
  const example = exampleNamed(options.from ?? "");
  const document = parseStackFile(example.text, example.file);
  const open = openValues(document);
  const withPassword = needsPassword(document);
  refuseOthers(open, options, document);
  refuseWithoutTerminal(session, open, options, withPassword);
  await logIn(session, options.local);
  if (await stackExists(stack)) {
    throw new CliError(
      `Pulumi has a stack ${stack} already, but ${file} is not here: restore that file, or remove the stack by 'npm run pulumi -- stack rm ${stack}'.`,
      4,
    );
  }
  const notes = await fill(session, document, open, options);
  const password = withPassword ? await passwordOf(session, options) : undefined;
  check(document, password, file);
  session.stopIfInterrupted("nothing was made");
  const backend = await backendUrl();
  const passphraseFile = makePassphrase(stack, backend);
  const made = await initialise(stack, password ? [password] : []);
  try {
    if (password) {
      const path = ["config", "laterbase:primary", "superuser", "password"];
      document.setIn(path, document.createNode(made.secrets[0]));
    }
    for (const [key, value] of Object.entries(made.keys)) document.set(key, value);
    setHead(document, [
      "yaml-language-server: $schema=./docs/stack.schema.json",
      `The stack ${stack}, made from ${example.name}. docs/configuration.md has every key.`,
    ]);
    writeWhole(file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
  } catch (error) {
    await made.remove();
    throw error;
  }
  const result: NewStackResult = {
    stack,
    file,
    backend,
    ...(passphraseFile ? { passphraseFile } : {}),
    notes,
  };
  session.show(result, () => summary(result, document));
}

async function logIn({ terminal }: Session, local = false): Promise<void> {
  if (loggedIn()) return;
  if (!local) {
    if (!terminal.ask) throw new CliError(`${NO_LOGIN} Here --local does the first.`, 2);
    const answer = await terminal.ask(
      "Pulumi has no place for its state yet. Keep it on this machine, in ~/.pulumi? [Y/n] ",
    );
    if (!/^(y|yes|)$/i.test(answer.trim())) throw new CliError(NO_LOGIN, 4);
  }
  await pulumi(["login", "--local"], "Pulumi's state on this machine", { verb: "made" });
}

function summary(
  { stack, file, backend, passphraseFile, notes }: NewStackResult,
  document: Document,
): string {
  const external = document.getIn(["config", "laterbase:primary", "kind"]) === "external";
  return [
    `${file} is made, and the stack ${stack} in ${backend}.`,
    ...(passphraseFile
      ? [
          `Its secrets are encrypted with the passphrase in ${passphraseFile}, which our commands find there.`,
          "Keep a copy of it in another place: without it nobody can read them.",
          `For Pulumi itself: export PULUMI_CONFIG_PASSPHRASE_FILE=${passphraseFile}`,
        ]
      : []),
    ...notes,
    "What comes next:",
    ...(external ? [`  npm run laterbase -- preflight --stack ${stack}`] : []),
    `  npm run pulumi -- preview --stack ${stack}`,
    `  npm run pulumi -- up --stack ${stack}`,
  ].join("\n");
}

function list(text: string): string[] {
  const names = text.split(",").map((one) => one.trim());
  if (names.every((name) => name !== "")) return names;
  throw new InvalidArgumentError("It must be a list with commas, such as one,two.");
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
