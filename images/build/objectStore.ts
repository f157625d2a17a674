import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { contextHash, type GeneratedImage, project, sha256 } from "./context";
import { baseImage } from "./postgres";
import type { ServiceImage } from "./services";

const version = "1.7.0";
const sources = join(__dirname, "../objectStore");

/** versitygw's own image, pinned; where set-up found no registry, ours with the same versitygw. */
export function objectStoreImage(): ServiceImage {
  return process.env["LATERBASE_STAND_INS"]
    ? ownObjectStoreImage()
    : { pulled: `versity/versitygw:v${version}` };
}

/**
 * versitygw from its Go module, which set-up has built.
 *
 * @param context out of git's sight; the state knows it by this path
 */
export function ownObjectStoreImage(context = ".laterbase/object-store"): GeneratedImage {
  const buildArgs = { BASE: baseImage(17) };
  const hash = contextHash(sources, buildArgs);
  return {
    name: "versitygw",
    tag: `laterbase/versitygw:${version}-${hash}`,
    context,
    buildArgs,
    stamp: hash,
    fill: (folder) => {
      copyFileSync(join(sources, "Dockerfile"), join(folder, "Dockerfile"));
      copyFileSync(versitygw(), join(folder, "versitygw"));
    },
  };
}

/**
 * The program, as scripts/setup/objectStore.sh builds it.
 *
 * @throws Error when it cannot be built
 */
function versitygw(): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const sum = sha256(readFileSync(join(sources, "go.sum"))).slice(0, 12);
  const file = join(cache, "laterbase/versitygw", sum, "versitygw");
  if (existsSync(file)) return file;
  // Plain `pulumi up` comes without set-up, which shows the progress of this.
  try {
    const script = join(project, "scripts/setup/objectStore.sh");
    execFileSync("bash", [script], { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(stderr?.trim().split("\n").at(-1) || String(error), { cause: error });
  }
  return file;
}
