import { readFileSync } from "node:fs";
import { Argument, Option } from "commander";
import { mostRotations } from "../../../contract/rotations";
import type { OperatorCommand } from "../operatorCommand";
import type { RotateResult } from "../results";
import type { Session } from "../session";
import type { ExportedState } from "../stack/exportedState";
import type * as Configs from "../stack/config";
import { upCommand } from "../stack/outputs";
import { released } from "../stack/parts";
import { inTheWay, isDrawn, rotationOf } from "../stack/rotations";
import { withNumber } from "../stack/stackFileValue";
import { joined, parseStackFile, stackFileOf, writeWhole } from "../stack/stackFile";
import { exportState, importState } from "../stack/state";
import { NOTHING_DONE } from "../stack/up";
import { CliError } from "../terminal/cliError";
import { type Rotation, targetNamed } from "./rotateTargets";

export const rotate: OperatorCommand = {
  name: "rotate",
  description: "replace a generated password or key, and put the new one into force by 'up'",
  arguments: [
    new Argument(
      "<secret>",
      "an application's name, or superuser, replication, dumps, pooler, pgadmin, duplicati, objectStore or health",
    ),
  ],
  options: [new Option("--yes", "do not ask before 'up' makes its changes")],
  example: "rotate superuser",
  documented: "docs/rotate.md",
  exits: {
    1: "it failed: the sentence on standard error says which secret is in force",
    4: "it cannot be replaced like this, or it was not confirmed; nothing was changed",
  },
  needs: "images",
  run: rotateSecret,
};

const rotations = "laterbase:rotations";

/** The number is written first: `up` reads it, and whatever ends this command, the next `up` goes on. */
async function rotateSecret(
  session: Session,
  typed: string,
  { yes = false }: { yes?: boolean },
): Promise<void> {
  const { stack } = session;
  const file = stackFileOf(stack);
  const text = readText(file);
  parseStackFile(text, file);
  if (!yes && !session.terminal.ask)
    throw new CliError("There is no terminal to ask for a confirmation: add --yes.", 2);
  // The stack's schemas take a while to load.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, in CommonJS
  const { checkedConfig, rawConfig } = require("../stack/config") as typeof Configs;
  const config = checkedConfig(await rawConfig(stack), file);
  const target = targetNamed(typed, config, stack);
  // Without a stack there is nothing to replace, and this says so.
  await session.stackOutputs();
  const state = await exportState(stack);
  const before = rotationOf(config.rotations, target.name);
  const begun = before > 0 && !isDrawn(state, target.name, before);
  const rotation = begun ? before : before + 1;
  if (rotation > mostRotations) throw new CliError(tooOften(target.name), 4);
  const changed = begun ? text : withNumber(text, rotations, target.name, rotation);
  if (changed === undefined) throw joined(file, rotations);
  session.stopIfInterrupted("nothing was changed");
  if (begun) {
    session.terminal.progress(
      `An earlier rotation of ${target.name} wrote ${rotation} into ${file} and did not get further: this one finishes it.`,
    );
  } else {
    write(file, text, changed);
    session.terminal.progress(
      `${file} says now that ${target.name} is replaced for the ${ordinal(rotation)} time.`,
    );
  }
  await bringUp(session, { target, rotation, begun, file, text, changed, yes, state });
  const result: RotateResult = { secret: target.name, rotation, file, finished: begun };
  session.show(result, () => summary(session, target, result));
}

interface Bringing {
  target: Rotation;
  rotation: number;
  begun: boolean;
  file: string;
  /** The stack file as it was. */
  text: string;
  /** The stack file with the number. */
  changed: string;
  yes: boolean;
  state: ExportedState;
}

/** @throws CliError with the state that it leaves */
async function bringUp(session: Session, bringing: Bringing): Promise<void> {
  const { target, rotation, begun, file, text, changed, yes, state } = bringing;
  const { stack } = session;
  const old = inTheWay(state, target.name, rotation);
  if (old.length > 0) {
    await importState(stack, released(state, old, false)).catch((error: Error) => {
      // Nothing has begun, so the next `up` of another person must not go on with it.
      if (!begun) write(file, changed, text);
      throw error;
    });
  }
  const code = await session.bringUp({ yes });
  if (code === NOTHING_DONE) {
    if (!begun) write(file, changed, text);
    const left = begun ? `${file} still has the number` : `${file} is as it was`;
    throw new CliError(`Nothing was replaced: ${left}.`, 4);
  }
  const drawn = isDrawn(await exportState(stack), target.name, rotation);
  if (code === 0 && drawn) return;
  const again = `'${upCommand(stack)}' goes on`;
  if (!drawn) {
    throw new CliError(
      `'up' ended with ${code} before it drew a new secret, so the old one of ${target.name} is in force. ` +
        `${file} has the number ${rotation} already: ${again}, as soon as what is said above is put right.`,
    );
  }
  throw new CliError(
    `'up' ended with ${code} after it drew the new secret of ${target.name}: a part may have it, and another one may ` +
      `not. ${again} and gives it to all of them, as soon as what is said above is put right.`,
  );
}

function summary(
  session: Session,
  { notes }: Rotation,
  { secret, rotation }: RotateResult,
): string {
  return [
    `The secret of ${secret} was replaced${rotation > 1 ? `, for the ${ordinal(rotation)} time` : ""}. The old one is not valid any more.`,
    ...notes,
    `The new one: ${session.command("credentials")}`,
  ].join("\n");
}

function tooOften(name: string): string {
  return `${name} was replaced ${mostRotations} times, and no greater number is possible.`;
}

/** `1st`, `2nd`, `3rd`, `4th`. */
export function ordinal(number: number): string {
  const last = number % 100;
  const ending =
    last >= 11 && last <= 13 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[number % 10] ?? "th");
  return `${number}${ending}`;
}

/** Another command may have written meanwhile: what it wrote is not lost. */
function write(file: string, from: string, to: string): void {
  if (readText(file) !== from) {
    throw new CliError(
      `${file} was changed meanwhile: look at ${rotations} in it, then try again.`,
    );
  }
  writeWhole(file, to);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}
