import { Duplex } from "node:stream";
import type * as Pg from "pg";
import type * as Engine from "../../engine/connect";
import type { PrimarySettings } from "../settings";
import type { ObservationPlace } from "./place";

const limitMs = 2500;

/**
 * The SQLSTATE with which a primary refuses a login. psql does not give it before it is connected, and what it
 * prints is in the server's language. So the same login is tried once more, through a container that reaches the
 * primary as its standbys do.
 *
 * @returns undefined when the login works, or when this cannot be found out
 */
export async function refusalCode(
  place: ObservationPlace,
  { host, port, superuser, superuserPassword, database }: PrimarySettings,
): Promise<string | undefined> {
  // A socket has no password, and over SSH it may be sudo that logs in.
  if (place.kind !== "container" || host.startsWith("/")) return undefined;
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late: nearly no preview needs them */
  const { connect } = require("../../engine/connect") as typeof Engine;
  const pg = require("pg") as typeof Pg;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const engine = connect(place.engine ? { host: place.engine } : {});
  const exec = await engine.getContainer(place.container).exec({
    Cmd: ["bash", "-c", 'exec 3<>"/dev/tcp/$0/$1" && { cat <&3 & cat >&3; }', host, String(port)],
    AttachStdin: true,
    AttachStdout: true,
  });
  const stream: Duplex = await exec.start({ hijack: true, stdin: true });
  const tunnel = new Tunnel(stream);
  engine.modem.demuxStream(
    stream,
    { write: (data: Buffer) => tunnel.push(data) } as never,
    {
      write: () => true,
    } as never,
  );
  const client = new pg.Client({
    stream: () => tunnel,
    user: superuser,
    password: superuserPassword,
    database,
    connectionTimeoutMillis: limitMs,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    const { code } = error as { code?: string };
    return code && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  } finally {
    void client.end().catch(() => undefined);
    stream.destroy();
  }
}

/** A connection that exists already, in place of the socket that `pg` would open. */
class Tunnel extends Duplex {
  constructor(private readonly far: Duplex) {
    super();
    far.on("end", () => this.push(null));
    far.on("error", (error) => this.destroy(error));
  }

  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  override _read(): void {
    // The far side pushes.
  }

  override _write(data: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.far.write(data, done);
  }

  // What `pg` sets on a socket.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
