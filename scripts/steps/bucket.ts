import "../patches/stubbedDockerode";
import { json } from "node:stream/consumers";
import { runAsRoot } from "../engine/rootScript";
import { runProgram, type Target } from "./runProgram";

/** What the step is told on standard input. None of it is secret. */
interface Told {
  /** The image whose bash is used. */
  image: string;
  /** The user of the object store, a number. It is also its group. */
  user: string;
  bucket: string;
}

/**
 * Docker makes a new volume for root, and gives an empty one the owner that the image has there, so the
 * folder of the bucket comes first. What is there already stays as it is.
 */
const script = `set -euo pipefail
user=$1 bucket=/data/$2
[ -d "$bucket" ] || install -d -o "$user" -g "$user" -m 0750 "$bucket"
[ "$(stat -c %u /data)" = "$user" ] || chown "$user:$user" /data`;

/**
 * `bucket.ts <volume>`: makes a bucket in the volume of the object store, which may run. A bucket is a
 * folder there, and every other one is left alone.
 */
async function main({ engine, name }: Target): Promise<void> {
  const { image, user, bucket } = (await json(process.stdin)) as Told;
  const said = await runAsRoot(engine, {
    ...{ image, script, words: [user, bucket] },
    capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
    mounts: [{ volume: name, target: "/data" }],
  });
  if (said.code !== 0) throw new Error(said.stderr.trim().split("\n").at(-1));
}

void runProgram("bucket.ts <volume>", main, "The bucket cannot be made: ");
