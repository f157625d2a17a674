import { text as readAll } from "node:stream/consumers";
import { type Document, isNode } from "yaml";
import type { Session } from "../session";
import type * as Config from "../stack/config";
import { type Given, needsPassword, networkToward, type OpenValue } from "../stack/openValues";
import { CliError } from "../terminal/cliError";

export interface NewOptions extends Given {
  from?: string;
  passwordStdin?: boolean;
  local?: boolean;
}

/** An option that the example has no use for would be lost in silence. */
export function refuseOthers(
  open: readonly OpenValue[],
  options: NewOptions,
  document: Document,
): void {
  const known = open.map(({ option }) => option);
  const others = givenOptions(options).filter((option) => !known.includes(option));
  if (others.length > 0) {
    const flags = others.map(
      (one) => `--${one.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)}`,
    );
    throw new CliError(`This example has no place for ${flags.join(", ")}.`, 2);
  }
  if (options.passwordStdin && !needsPassword(document)) {
    throw new CliError(
      "This example's primary has no password to set: leave out --password-stdin.",
      2,
    );
  }
}

const names = ["host", "port", "major", "databases", "superuser", "allowFrom", "email"] as const;

function givenOptions(options: NewOptions): (keyof Given)[] {
  return names.filter((name) => options[name] !== undefined);
}

export function refuseWithoutTerminal(
  session: Session,
  open: readonly OpenValue[],
  options: NewOptions,
  withPassword: boolean,
): void {
  if (session.terminal.ask) return;
  const missing = open
    .filter(({ hasDefault, option }) => !hasDefault && options[option] === undefined)
    .map(({ flag }) => flag);
  if (withPassword && !options.passwordStdin) missing.push("--password-stdin");
  if (missing.length === 0) return;
  throw new CliError(`There is no terminal to ask: add ${missing.join(" and ")}.`, 2);
}

/** Puts every open value into the document. */
export async function fill(
  session: Session,
  document: Document,
  open: readonly OpenValue[],
  options: NewOptions,
): Promise<string[]> {
  const notes: string[] = [];
  for (const value of open) {
    const path = ["config", ...value.path];
    const given = options[value.option] ?? (await asked(session, document, value));
    if (given !== undefined) document.setIn(path, document.createNode(given, { flow: true }));
  }
  if (options.allowFrom === undefined && open.some(({ option }) => option === "allowFrom")) {
    notes.push(await allowStandbys(document));
  }
  return notes;
}

/** The standbys of a local engine connect from this machine's network. */
async function allowStandbys(document: Document): Promise<string> {
  const path = ["config", "laterbase:primary", "allowFrom"];
  const host = document.getIn(["config", "laterbase:primary", "host"]) as string;
  const network = await networkToward(host);
  if (network === undefined) {
    const value = JSON.stringify((document.getIn(path) as { toJSON(): unknown }).toJSON());
    return `primary.allowFrom is still the example's, ${value}: it must be the network that Docker's machine connects from.`;
  }
  document.setIn(path, document.createNode([network], { flow: true }));
  return `primary.allowFrom is ${network}, this machine's network: change it if Docker runs on another machine.`;
}

/** What the operator types; undefined keeps the example's value. It asks again until the value can be used. */
async function asked(
  { terminal }: Session,
  document: Document,
  { path, question, hasDefault, read }: OpenValue,
): Promise<unknown> {
  if (!question || !terminal.ask) return undefined;
  const node = document.getIn(["config", ...path], true);
  const value: unknown = isNode(node) ? node.toJSON() : node;
  const shown = Array.isArray(value) ? value.join(", ") : String(value);
  const text = hasDefault ? `${question} [${shown}]: ` : question;
  for (;;) {
    const typed = (await terminal.ask(text)).trim();
    if (typed === "" && hasDefault) return undefined;
    if (typed === "") continue;
    const answer = read ? read(typed) : typed;
    const wrong = problemOf(document, path, answer);
    if (wrong === undefined) return answer;
    terminal.progress(wrong);
  }
}

/** Why a key cannot have this value; undefined: it can. */
function problemOf(
  document: Document,
  path: readonly string[],
  value: unknown,
): string | undefined {
  const trial = document.clone();
  trial.setIn(["config", ...path], trial.createNode(value));
  const sentences = mistakesIn(trial, undefined, "your answer");
  return sentences.find((one) => one.includes([...path].join(".")));
}

export function check(document: Document, password: string | undefined, file: string): void {
  const [...sentences] = mistakesIn(document, password, file);
  if (sentences.length > 0) throw new CliError(sentences.join("\n"), 2);
}

function mistakesIn(document: Document, password: string | undefined, file: string): string[] {
  const trial = document.clone();
  if (password !== undefined) {
    trial.setIn(["config", "laterbase:primary", "superuser", "password"], password);
  }
  const { config = {} } = trial.toJS() as { config?: Record<string, unknown> };
  const raw = Object.entries(config).map(([key, value]) => [key.replace(/^laterbase:/, ""), value]);
  // The schemas take a while to load.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, in CommonJS
  const { checkedConfig } = require("../stack/config") as typeof Config;
  try {
    checkedConfig(Object.fromEntries(raw), file);
    return [];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return error.message.split("\n");
  }
}

export async function passwordOf(
  { terminal }: Session,
  { passwordStdin }: NewOptions,
): Promise<string> {
  if (passwordStdin) {
    const given = (await readAll(process.stdin)).replace(/\r?\n$/, "");
    if (given === "") throw new CliError("Standard input holds no password.", 2);
    return given;
  }
  let typed: string | undefined = "";
  while (typed === "") {
    typed = await terminal.askSecret?.("The superuser's password, which is not shown: ");
  }
  return typed ?? "";
}
