import { Argument, Option } from "commander";
import { partsAmong } from "../parts/part";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { resourcesOf } from "../stack/exportedState";
import { stackFileOf } from "../stack/stackFile";
import type * as Standbys from "../stack/standbysInFile";
import { shellPlace, type ShellWish } from "../servers/shellPlace";
import { CliError } from "../terminal/cliError";

export const shell: OperatorCommand = {
  name: "shell",
  description: "open psql in a container of the stack, as the superuser or as an application",
  example: "shell mfi_banking --standby",
  documented: "docs/command.md#shell",
  arguments: [new Argument("[database]", "the database")],
  options: [
    new Option(
      "--standby [name]",
      "on a standby, which only reads: on the first one, or the one of this name",
    ).conflicts("pooled"),
    new Option("--pooled", "through the pooler, as applications connect"),
    new Option("--as <application>", "as this application's role, with its rights and no more"),
  ],
  exits: { 1: "psql could not log in, or a statement failed where no person types" },
  misuse: (...words: [string | undefined, ShellWish]) =>
    wanted(...words).database === undefined ? "missing required argument 'database'" : undefined,
  run: openShell,
};

/** `shell --standby app` also means the database: before standbys could be named, it was the way to write it. */
function wanted(
  database: string | undefined,
  wish: ShellWish,
): { database: string | undefined; wish: ShellWish } {
  return database === undefined && typeof wish.standby === "string"
    ? { database: wish.standby, wish: { ...wish, standby: true } }
    : { database, wish };
}

async function openShell(session: Session, ...words: [string, ShellWish]): Promise<void> {
  const { database = "", wish } = wanted(...words);
  if (session.isJson) throw new CliError("shell passes on what psql prints, which is no JSON.", 2);
  const { stack, terminal, servers, signal } = session;
  const state = await session.stackState();
  const parts = partsAmong(resourcesOf(state.state));
  const superuser = () => session.superuser();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: it loads YAML
  const { standbysInFile } = require("../stack/standbysInFile") as typeof Standbys;
  const [first] = wish.standby === true ? standbysInFile(stackFileOf(stack)) : [];
  const place = await shellPlace({ stack, database, wish, parts, superuser, first, ...state });
  if (terminal.isTerminal && place.isSuperuser) {
    terminal.progress(
      `You are the superuser ${place.user}, so that functions of others would run as you: name tables with their schemas, such as public.users. 'SET search_path = public;' trusts the database.`,
    );
  }
  const code = await servers.shell(place, signal);
  // psql has said itself what went wrong.
  if (code !== 0) throw new CliError("", 1);
}
