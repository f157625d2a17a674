import type * as Engine from "../../engine/connect";
import type * as LoginFrom from "../loginFrom";
import type { PrimarySettings } from "../settings";
import type { ObservationPlace } from "./place";

/**
 * The SQLSTATE with which a primary refuses a login. psql does not give it before it is connected, and what it
 * prints is in the server's language. So the same login is tried once more, through a container that reaches the
 * primary as its standbys do.
 *
 * @returns undefined when the login works, or when this cannot be found out
 */
export async function refusalCode(
  place: ObservationPlace,
  { host, port, version, superuser, superuserPassword, database }: PrimarySettings,
): Promise<string | undefined> {
  // A socket has no password, and over SSH it may be sudo that logs in.
  if (place.kind !== "container" || host.startsWith("/")) return undefined;
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late: nearly no preview needs them */
  const { connect } = require("../../engine/connect") as typeof Engine;
  const { askFrom } = require("../loginFrom") as typeof LoginFrom;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const engine = connect(place.engine ? { host: place.engine } : {});
  const login = { host, port, version, superuser, password: superuserPassword, database };
  try {
    await askFrom(engine, place.container, login, "SELECT 1");
    return undefined;
  } catch (error) {
    const { code } = error as { code?: string };
    return code && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  }
}
