import "../patches/stubbedDockerode";
import { json } from "node:stream/consumers";
import { runAsRoot } from "../engine/rootScript";
import { runProgram, type Target } from "./runProgram";

/** What the step is told on standard input. None of it is secret. */
interface Told {
  /** The image whose bash and chown are used. */
  image: string;
  /** The user that Duplicati runs as, a number. */
  user: string;
  /** Duplicati's own volumes. */
  volumes: string[];
  /** The folder of the dumps on the engine's machine, where they are in no volume. */
  folder?: string;
}

/**
 * The contents first and the top last: a folder that belongs to the user is finished. The file keeps
 * a new volume from being empty, because Docker gives an empty one the owner that the image has there.
 */
const script = `set -euo pipefail
user=$1
for folder in /own/*/; do
  folder=\${folder%/}
  [ "$(stat -c %u "$folder")" != "$user" ] || continue
  [ "$(stat -c %u "$folder")" != 0 ] || touch "$folder/.laterbase"
  find "$folder" -depth ! -user "$user" -exec chown -h "$user:999" {} +
done
if [ -d /backups ]; then stat -c %g /backups; else echo 999; fi`;

/** A server that is stopped in an upload needs as long as the container's own grace. */
const graceSeconds = 120;

/**
 * `duplicatiOwner.ts <Duplicati's container>`: gives Duplicati's volumes to the user that it runs as,
 * and prints the group that reads the dumps. A container of another user is stopped before: it would
 * go on writing files that the new one cannot open.
 */
async function main({ engine, name }: Target): Promise<void> {
  const { image, user, volumes, folder } = (await json(process.stdin)) as Told;
  const running = await engine
    .getContainer(name)
    .inspect()
    .catch(() => undefined);
  if (running?.State.Running && running.Config.User.split(":")[0] !== user) {
    await engine.getContainer(name).stop({ t: graceSeconds });
  }
  const own = volumes.map((volume) => ({ volume, target: `/own/${volume}` }));
  const dumps = folder === undefined ? [] : [{ folder, made: true, target: "/backups" }];
  const said = await runAsRoot(engine, {
    ...{ image, script, words: [user] },
    capabilities: ["CHOWN"],
    mounts: [...own, ...dumps],
  });
  if (said.code !== 0) throw new Error(said.stderr.trim().split("\n").at(-1));
  process.stdout.write(said.stdout);
}

const usage = "duplicatiOwner.ts <Duplicati's container>";
void runProgram(usage, main, "Duplicati's volumes cannot be given to its user: ");
