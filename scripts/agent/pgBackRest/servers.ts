import { Socket } from "node:net";
import { Client } from "pg";
import { backupRoleName, type ServerKind, socketFolder } from "../../../contract/names";
import type { Context } from "../kit/context";
import { sessionOptions } from "../../../contract/sessionSettings";
import { Failure, sentenceOf, withStop } from "../kit/failure";

const patienceMs = 5000;
const goodbyeMs = 1000;

/** What a server says of itself. */
export type ServerState =
  | { kind: "writes" }
  | { kind: "follows" }
  /** It does not answer, or refuses the role. */
  | { kind: "away"; why: string };

/** Asks a server one thing over its socket, as the role that backs up, like pgBackRest does. */
export async function askServer<Row extends object>(
  { config }: Context,
  server: ServerKind,
  query: string,
  values: readonly string[] = [],
): Promise<Row> {
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    host: socketFolder(server),
    user: backupRoleName(config.stack),
    database: "postgres",
    application_name: "laterbase backups",
    options: sessionOptions({ major: config.major, superuser: false }),
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
  });
  // A connection that is lost later is no news.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Row>(query, [...values]);
    const [row] = rows;
    if (!row) throw new Failure("The server answered nothing.");
    return row;
  } finally {
    void client.end().catch(() => undefined);
    // A frozen server never says goodbye, and an open socket would keep this process alive.
    socket.destroySoon();
    setTimeout(() => socket.destroy(), goodbyeMs).unref();
  }
}

/** Whether a server writes or follows another one. */
export async function stateOf(context: Context, server: ServerKind): Promise<ServerState> {
  try {
    const asked = "SELECT pg_catalog.pg_is_in_recovery() AS follows";
    const { follows } = await askServer<{ follows: boolean }>(context, server, asked);
    return { kind: follows ? "follows" : "writes" };
  } catch (error) {
    return { kind: "away", why: withStop(sentenceOf(error)) };
  }
}

/** What the servers' states say about a backup that found no primary, no standby, or two primaries. */
export async function whyNoServer(context: Context): Promise<{
  /** Backups can read the primary alone. */
  standbyAway: boolean;
  sentence: string;
}> {
  const standby = context.config.backups?.standby;
  const [primary, second] = await Promise.all([
    stateOf(context, "primary"),
    standby === undefined ? undefined : stateOf(context, "standby"),
  ]);
  const sentence = sentenceOn(primary, second, standby);
  return { standbyAway: primary.kind === "writes" && second?.kind === "away", sentence };
}

/** One sentence on what keeps pgBackRest from choosing its servers. */
export function sentenceOn(
  primary: ServerState,
  second: ServerState | undefined,
  standby = "",
): string {
  if (primary.kind === "away") return `The primary does not answer: ${primary.why}`;
  if (primary.kind === "follows") {
    return "The primary is in recovery, so no server can be backed up: look at its log.";
  }
  if (second?.kind === "writes") {
    return (
      `There is more than one primary: ${standby} was promoted, and nothing is backed up until it follows again. ` +
      `\`npm run laterbase -- rebuild ${standby} --force\` makes it a standby, and loses what was written on it.`
    );
  }
  if (second?.kind === "away") return `The standby ${standby} does not answer: ${second.why}`;
  return "The servers answer now: try again.";
}
