import { containerName, dataFolder, restoreWork } from "../../../../contract/names";
import { pgBackRestPaths } from "../../../../contract/pgBackRest";
import { connect } from "../../../engine/connect";
import type { Session } from "../../session";
import { type Located, poolerOf, primaryOf } from "../../stack/outputs";
import { CliError } from "../../terminal/cliError";
import { prefixOf, primaryPlace } from "../primaryPlace";
import { RestoreContainer } from "../restoreContainer";
import { PrimaryServer } from "./primaryServer";
import type { Standbys } from "./standbys";
import { DataVolume } from "./volume";

/** Everything that a restore in place works on. */
export interface Place {
  session: Session;
  stanza: string;
  volume: DataVolume;
  container: RestoreContainer;
  server: PrimaryServer;
  pooler: Located | undefined;
  standbys: Standbys;
  /** Shows what happens. */
  say: (line: string) => void;
  /** The same for a server that is waited for. It ends the wait when the command is interrupted. */
  turnOf: (server: string) => (turn: string) => void;
}

/** The work on a place. The restore's container is there meanwhile, so no other restore of the stack begins. */
export async function inPlace<T>(session: Session, work: (place: Place) => Promise<T>): Promise<T> {
  const outputs = await session.stackOutputs();
  const primary = primaryOf(outputs);
  const stanza = outputs.backups?.stanza;
  if (!primary || stanza === undefined) {
    throw new CliError(`The stack ${session.stack} makes no physical backups to restore.`, 4);
  }
  const standbys = await session.standbys();
  const engine = connect({ host: primary.host });
  const { image, network, repositories, dataVolume, info } = await primaryPlace(
    engine,
    primary.name,
  );
  const at = (path: string) => info.Mounts.find(({ Destination }) => Destination === path);
  const data = { source: dataVolume, target: dataFolder("primary") };
  const spool = at(pgBackRestPaths.spool);
  const container = await RestoreContainer.open(engine, {
    name: containerName(prefixOf(primary), restoreWork),
    stack: session.stack,
    ...{ image, network },
    mounts: [
      ...repositories,
      data,
      ...(spool ? [{ source: spool.Name ?? spool.Source, target: spool.Destination }] : []),
    ],
  });
  const say = (line: string) => session.terminal.progress(line);
  const turnOf = (server: string) => (turn: string) => {
    session.signal?.throwIfAborted();
    say(`${server}: ${turn}`);
  };
  try {
    return await work({
      ...{ session, stanza, container, standbys, say, turnOf },
      volume: new DataVolume(container, spool && `${spool.Destination}/archive/${stanza}`),
      server: new PrimaryServer(engine, primary.name),
      pooler: poolerOf(outputs),
    });
  } finally {
    await container.close();
  }
}
