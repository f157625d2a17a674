import { Argument, InvalidArgumentError, Option } from "commander";
import type { TakenDumps } from "../../../contract/agentReplies";
import { containerName, stackPrefix } from "../../../contract/names";
import type { OperatorCommand } from "../operatorCommand";
import type { ReceivedArchive } from "../servers/archive";
import type { Session } from "../session";
import type * as Config from "../stack/config";
import { agentOf } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { age, count, moment, size, word } from "../terminal/format";
import { table } from "../terminal/table";

export const restoreArchive: OperatorCommand = {
  name: "restore-archive",
  description: "bring dumps back from off site into the folder of the dumps, and check each",
  arguments: [
    new Argument(
      "[dump]",
      "a dump's id, or a database's folder (default: every dump in the archive)",
    ),
  ],
  options: [
    new Option("--archive <number>", "which archive: 0 is the newest, 1 the one before it")
      .argParser(wholeNumber)
      .default(0),
  ],
  example: "restore-archive mfi_banking",
  documented: "docs/dumps.md#back-from-off-site",
  exits: { 3: "some of the dumps in the archive are damaged and were left out" },
  run: bringBack,
};

async function bringBack(
  session: Session,
  wanted: string | undefined,
  { archive }: { archive: number },
): Promise<void> {
  const { servers, signal, stack, terminal } = session;
  const outputs = await session.stackOutputs();
  const agent = agentOf(stack, outputs);
  if (!outputs.duplicati) {
    throw new CliError(
      `The stack ${stack} has no Duplicati: set laterbase:duplicati in Pulumi.${stack}.yaml, with the target and the passphrase of the archives, and bring it up.`,
    );
  }
  const name = containerName(stackPrefix("laterbase", stack.split("/").at(-1)!), "duplicati");
  const received = await servers.receiveArchive(
    { duplicati: { ...agent, name }, agent },
    {
      target: await targetOf(stack),
      passphrase: outputs.duplicati.passphrase,
      version: archive,
      ...(wanted === undefined ? {} : { below: belowOf(wanted) }),
    },
    (turn) => terminal.progress(turn),
    signal,
  );
  const taken = await take(session, received);
  const { taken: dumps, there, bad } = taken;
  if (dumps.length + there.length + bad.length === 0) throw new CliError(nothingIn(wanted));
  session.show(taken, () => summary(session, taken));
  if (bad.length > 0) throw new CliError("", 3);
}

async function take(session: Session, { token, forget }: ReceivedArchive): Promise<TakenDumps> {
  try {
    return await session.ask<TakenDumps>("take-dumps", { token });
  } finally {
    await forget().catch((error: Error) => session.terminal.progress(error.message));
  }
}

/** The target's URL, which may hold keys and is in no output. */
async function targetOf(stack: string): Promise<string> {
  // The schemas take a while to load.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late, in CommonJS
  const { rawConfig } = require("../stack/config") as typeof Config;
  const { duplicati } = (await rawConfig(stack)) as { duplicati?: { target?: unknown } };
  if (typeof duplicati?.target === "string") return duplicati.target;
  throw new CliError(`Pulumi.${stack}.yaml has no laterbase:duplicati.target.`);
}

/** Duplicati reads *, ? and brackets in a filter as patterns. */
function belowOf(wanted: string): string {
  const folder = wanted.replace(/^\/+|\/+$/g, "");
  if (/^[^*?[\]{}\\]+$/.test(folder)) return folder;
  throw new CliError(
    "A dump or a folder with *, ?, brackets or a backslash in its name cannot be picked out: leave it out to bring back all of them.",
    2,
  );
}

const nothingIn = (wanted: string | undefined) =>
  wanted === undefined
    ? "The archive holds no dump."
    : `The archive holds no dump of ${wanted}: without a name all of its dumps come back, and --archive 1 reads the archive before it.`;

function summary(session: Session, { taken, there, bad, expiring }: TakenDumps): string {
  const now = new Date();
  const rows = taken.map(({ id, database, takenAt, bytes }) => [
    ...[id, database, moment(takenAt), age(takenAt, now), size(bytes)],
  ]);
  const first = taken[0]?.id ?? there[0];
  return [
    ...(rows.length > 0 ? [table([["ID", "DATABASE", "TAKEN", "AGE", "SIZE"], ...rows])] : []),
    taken.length > 0
      ? `${count(taken.length, "dump")} came back, and every file has its checksum.`
      : "Nothing came back.",
    ...(there.length > 0
      ? [
          `${count(there.length, "dump")} of the archive ${there.length === 1 ? "was" : "were"} here already, and stayed.`,
        ]
      : []),
    ...bad.map(({ id, problem }) => `Left out, ${id}: ${problem}`),
    ...(expiring.length > 0
      ? [
          `Older than laterbase:dumps.retentionDays, so the next good dump of its database removes it: ${expiring.join(", ")}.`,
        ]
      : []),
    ...(first
      ? [`To restore one into a new database: ${session.command(`restore-dump ${word(first)}`)}`]
      : []),
  ].join("\n");
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("It must be a whole number: 0 is the newest archive.");
}
