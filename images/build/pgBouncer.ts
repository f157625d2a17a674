import { join } from "node:path";
import { contextHash, type ImageBuild } from "./context";
import { baseImage } from "./postgres";

const context = "images/pgbouncer";

/** PgBouncer's image. It keeps no data, so its suite may follow Debian's newest. */
export function poolerImage(): ImageBuild {
  const buildArgs = { BASE: baseImage(17) };
  const hash = contextHash(join(__dirname, "../pgbouncer"), buildArgs);
  return { name: "pgbouncer", tag: `laterbase/pgbouncer:${hash}`, context, buildArgs };
}
