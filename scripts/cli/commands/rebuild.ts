import { Argument, Option } from "commander";
import { visible } from "../../../contract/visible";
import type { OperatorCommand } from "../operatorCommand";
import type { RebuildKind, RebuildLook } from "../servers/rebuild";
import type { Session } from "../session";
import { standbyContainers } from "../stack/exportedState";
import { type Located, upCommand } from "../stack/outputs";
import { exportState } from "../stack/state";
import { CliError } from "../terminal/cliError";
import { count, seconds, size } from "../terminal/format";

export const rebuild: OperatorCommand = {
  name: "rebuild",
  description: "make a new clone of a standby, also of the only one, and show its progress",
  arguments: [new Argument("<standby>", "the standby's name, such as standby")],
  options: [
    new Option(
      "--discard-first",
      "delete its data before the clone, where there is no room for both, once the primary answers",
    ),
    new Option("--yes", "ask nothing"),
    new Option("--force", "also a standby that somebody promoted: what was written on it is lost"),
  ],
  example: "rebuild standby",
  documented: "docs/failures.md#a-new-clone",
  exits: {
    1: "the clone failed three times, waited for ten minutes, or was interrupted; the standby goes on trying",
    4: "there is no room for both, it was promoted, or it was not confirmed",
  },
  run: rebuildOne,
};

interface RebuildOptions {
  discardFirst?: boolean;
  yes?: boolean;
  force?: boolean;
}

/** What the primary writes during the copy comes on top: the clone itself keeps 64 MB for it. */
const WAL_ROOM_KB = 65_536;

async function rebuildOne(session: Session, name: string, options: RebuildOptions): Promise<void> {
  const { servers, signal, stack, terminal } = session;
  const standby = await standbyNamed(name, stack);
  const found = await servers.lookAtStandby(standby);
  refuse(session, name, found, options);
  const kind: RebuildKind = options.discardFirst ? "discard" : "keep";
  await session.confirm(
    `${whatHappens(name, found, kind)}\nType yes to go on: `,
    "yes",
    options.yes,
  );
  session.stopIfInterrupted("nothing was changed");
  const begun = Date.now();
  await servers.rebuildStandby(
    standby,
    kind,
    (turn) => terminal.progress(`${name}: ${turn}`),
    signal,
  );
  const taken = (Date.now() - begun) / 1000;
  session.show({ standby: name, container: standby.name, kind, seconds: taken }, () =>
    [
      `${standby.name} streams from a new clone, which took ${seconds(taken)}.`,
      `'${upCommand(stack)}' checks its text indexes, where the primary is external.`,
    ].join("\n"),
  );
}

async function standbyNamed(name: string, stack: string): Promise<Located> {
  const standbys = standbyContainers(await exportState(stack));
  const found = standbys.get(name);
  if (found) return { name: found.name, ...(found.host ? { host: found.host } : {}) };
  const names = [...standbys.keys()];
  if (names.length === 0)
    throw new CliError(`The stack ${stack} is not up: '${upCommand(stack)}' creates it.`);
  throw new CliError(
    `The stack ${stack} has no standby ${JSON.stringify(name)}: there are ${names.join(", ")}.`,
    2,
  );
}

/** @throws CliError for what would lose rows, or cannot work */
function refuse(
  session: Session,
  name: string,
  { promoted, dataKb, freeKb, wanted }: RebuildLook,
  { discardFirst = false, force = false }: RebuildOptions,
): void {
  if (wanted) {
    session.terminal.progress(`${name}: a rebuild was asked for before, and is not done yet.`);
  }
  if (promoted && !force) {
    throw new CliError(
      `${name} was promoted and follows no primary: what was written on it is lost with a new clone. If you do not need it, add --force.`,
      4,
    );
  }
  const needed = dataKb + WAL_ROOM_KB;
  if (discardFirst || needed <= freeKb) return;
  throw new CliError(
    `The volume of ${name} has ${size(freeKb * 1024)} free, and a second copy needs about ${size(needed * 1024)}. With --discard-first its data are deleted before the clone, and nobody can read from it meanwhile.`,
    4,
  );
}

/** What the readers notice. */
function whatHappens(
  name: string,
  { dataKb, clients, blocked }: RebuildLook,
  kind: RebuildKind,
): string {
  return [
    `This makes a new clone of ${name}, about ${size(dataKb * 1024)}, from its primary.`,
    ...(blocked === undefined
      ? []
      : [`It is blocked: ${visible(blocked)}. Rows that only it holds are lost with a new clone.`]),
    `${readers(clients)}. ${meanwhile(kind, clients)}.`,
  ].join(" ");
}

function readers(clients: number | null): string {
  if (clients === null) return "Nobody can read from it now";
  return `${count(clients, "client")} ${clients === 1 ? "reads" : "read"} from it now`;
}

function meanwhile(kind: RebuildKind, clients: number | null): string {
  if (kind === "discard")
    return "Its data are deleted first, as soon as the primary answers: they are disconnected, and nobody can read from it until the new clone is done";
  return clients === null
    ? "Its data stay until the new clone streams"
    : "They keep reading its present state, which no longer advances, until the new clone is verified; then they are disconnected for a moment";
}
