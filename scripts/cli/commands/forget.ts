import { readFileSync } from "node:fs";
import { Argument, Option } from "commander";
import { strayKeys } from "../../../contract/stackKeys";
import { visible } from "../../../contract/visible";
import type { OperatorCommand } from "../operatorCommand";
import type { ForgetResult } from "../results";
import type { Session } from "../session";
import type * as Config from "../stack/config";
import type { OnEngine } from "../stack/exportedState";
import { keptOf, type Part, partsOf, pathOf, released, volumesIn } from "../stack/parts";
import { joined, parseStackFile, stackFileOf, without, writeWhole } from "../stack/stackFile";
import { exportState, importState, requireUnchanged } from "../stack/state";
import { withoutStandby } from "../stack/goneEngine";
import { CliError } from "../terminal/cliError";
import { type SilentEngine, silentEngineOf } from "./forgetGoneEngine";
import { summary } from "./forgetSummary";

export const forget: OperatorCommand = {
  name: "forget",
  description:
    "take a part out of the stack file and the state; its data stay on the engine, unless you say --data",
  arguments: [
    new Argument(
      "<part>",
      "a standby's name, or dumps, backups, objectStore, duplicati, pgAdmin, pooler or health",
    ),
  ],
  options: [
    new Option("--data", "also delete its data volumes with the next 'up', after asking"),
    new Option(
      "--engine-gone",
      "a standby's engine is gone for good: forget all that the state has there, after asking",
    ).conflicts("data"),
    new Option("--yes", "ask nothing"),
  ],
  example: "forget standby_2",
  documented: "docs/failures.md#taking-a-part-out",
  needs: "pulumi",
  exits: {
    4: "the stack needs the part, it was not confirmed, or its engine is not gone; nothing was changed",
  },
  run: forgetPart,
};

interface ForgetOptions {
  data?: boolean;
  yes?: boolean;
  engineGone?: boolean;
}

/** Changes the state first: with the part still in the file, the next `up` would only protect it again. */
async function forgetPart(
  session: Session,
  typed: string,
  { data = false, yes = false, engineGone = false }: ForgetOptions,
): Promise<void> {
  const { stack } = session;
  const file = stackFileOf(stack);
  const text = readText(file);
  const config = configIn(text, file);
  const state = await exportState(stack);
  const part = partNamed(typed, partsOf(config, state), stack);
  const path = pathOf(part, config);
  if (path) await check(part, stack, file);
  const left = path ? without(text, path) : text;
  if (left === undefined) throw joined(file, part.name);
  const stackHost = typeof config["dockerHost"] === "string" ? config["dockerHost"] : "";
  const gone = engineGone ? await silentEngineOf(part, state, stackHost) : undefined;
  const stateWithout = gone ? withoutStandby(state, gone, stackHost) : undefined;
  const resources = keptOf(part, state, config);
  const volumes = gone?.volumes ?? volumesIn(resources, state);
  const passphrase = part.kind === "duplicati" && !data ? await passphraseOf(session) : undefined;
  await confirm(session, part, { volumes, data, yes, passphrase, gone });
  session.stopIfInterrupted("nothing was changed");
  await requireUnchanged(stack, state);
  if (readText(file) !== text)
    throw new CliError(`${file} was changed meanwhile: nothing was changed. Try again.`, 4);
  if (stateWithout) await importState(stack, stateWithout);
  else if (resources.length > 0) await importState(stack, released(state, resources, data));
  if (path) writeWhole(file, left);
  const forgotten: ForgetResult = {
    part: part.name,
    ...(path ? { file } : {}),
    kept: data ? [] : volumes,
    deleted: data ? volumes : [],
    ...(gone ? { goneEngine: { host: gone.host, why: gone.why, others: gone.others } } : {}),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  session.show(forgotten, () => summary(stack, part, forgotten, folderIn(config)));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

/**
 * The values of a stack file, without their prefix.
 *
 * @throws CliError with a sentence for each key that nothing would read
 */
function configIn(text: string, file: string): Record<string, unknown> {
  const { config } = (parseStackFile(text, file).toJS() ?? {}) as {
    config?: Record<string, unknown>;
  };
  const stray = strayKeys(Object.keys(config ?? {}), file);
  if (stray.length > 0) throw new CliError(stray.join("\n"));
  const prefix = "laterbase:";
  const own = Object.entries(config ?? {}).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}

function partNamed(typed: string, parts: readonly Part[], stack: string): Part {
  const found =
    parts.find(({ name }) => name === typed) ??
    parts.find(
      ({ name, kind }) => kind !== "standby" && name.toLowerCase() === typed.toLowerCase(),
    );
  if (found) return found;
  const names = parts.map(({ name }) => name).join(", ");
  throw new CliError(`The stack ${stack} has no part "${typed}" to forget: there are ${names}.`, 2);
}

/** @throws CliError when the configuration without the part cannot be used */
async function check(part: Part, stack: string, file: string): Promise<void> {
  // The schemas take a while to load.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, in CommonJS
  const { checkedConfig, rawConfig } = require("../stack/config") as typeof Config;
  const raw = await rawConfig(stack);
  // What is wrong already is named without a word about the part.
  checkedConfig(raw, file);
  try {
    checkedConfig(withoutPart(raw, part), file);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(
      `Without ${part.name} the stack could not be brought up: ${error.message}`,
      4,
    );
  }
}

function withoutPart(raw: Record<string, unknown>, { kind, name }: Part): object {
  if (kind !== "standby") {
    return Object.fromEntries(Object.entries(raw).filter(([key]) => key !== kind));
  }
  const standbys = (raw["standbys"] as { name?: unknown }[]).filter((one) => one.name !== name);
  return { ...raw, standbys };
}

/** What the archives are encrypted with; undefined while the stack is not up. */
async function passphraseOf(session: Session): Promise<string | undefined> {
  const outputs = await session.stackOutputs().catch((error: unknown) => {
    if (error instanceof CliError) return undefined;
    throw error;
  });
  return outputs?.duplicati?.passphrase;
}

interface Confirmed {
  volumes: readonly OnEngine[];
  data: boolean;
  yes: boolean;
  passphrase: string | undefined;
  gone: SilentEngine | undefined;
}

async function confirm(
  session: Session,
  part: Part,
  { volumes, data, yes, passphrase, gone }: Confirmed,
): Promise<void> {
  if (gone) {
    const question =
      `The engine ${visible(gone.host)} does not answer: ${gone.why}. The stack forgets what it has there, and stops and deletes nothing on that machine.\n` +
      `Type the standby's name, ${part.name}, to go on: `;
    await session.confirm(question, part.name, yes);
  } else if (data && volumes.length > 0) {
    const names = volumes.map(({ name }) => name).join(", ");
    const question = `The next 'up' then deletes for good: ${names}.\nType the part's name, ${part.name}, to go on: `;
    await session.confirm(question, part.name, yes);
  } else if (passphrase !== undefined) {
    const question =
      "The stack forgets the passphrase of the archives, and nobody can read them without it. It is\n" +
      `  ${passphrase}\nType yes when you have a copy in another place: `;
    await session.confirm(question, "yes", yes);
  }
}

const folderIn = ({ dumps }: Record<string, unknown>): string | undefined => {
  const path = (dumps as { path?: unknown } | null | undefined)?.path;
  return typeof path === "string" ? path : undefined;
};
