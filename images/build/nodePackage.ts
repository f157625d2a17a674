import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import pinned from "./node.json";

/** Debian's names of the architectures that an image is built for. */
export const architectures = ["amd64", "arm64"] as const;
type Architecture = (typeof architectures)[number];

/** The Node that is pinned for an image of this architecture. */
export const nodeFor = (arch: Architecture) =>
  pinned[arch === "amd64" ? "linux-x64" : "linux-arm64"];

/**
 * Node for Linux as npm's registry has it: a file in the cache that set-up uses as well.
 *
 * It runs npm without execa, because every preview loads this file and execa would slow it.
 *
 * @throws Error when npm cannot get it, or gets another than the pinned one
 */
export function nodePackage(arch: Architecture): string {
  const { package: name, version, integrity } = nodeFor(arch);
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "laterbase/node");
  const file = `${name}-${version}.tgz`;
  if (existsSync(join(cache, file))) return join(cache, file);
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, "new-"));
  try {
    // npm of every age packs into the current folder.
    const pack = ["pack", `${name}@${version}`, "--silent"];
    execFileSync("npm", pack, { cwd: fresh, stdio: ["ignore", "ignore", "pipe"] });
    const sum = createHash("sha512")
      .update(readFileSync(join(fresh, file)))
      .digest("base64");
    if (`sha512-${sum}` !== integrity) throw new Error("its checksum is not the pinned one");
    renameSync(join(fresh, file), join(cache, file));
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
    const what = `npm could not get Node ${version} for ${arch} from its registry`;
    throw new Error(`${what}: ${why}`, { cause: error });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return join(cache, file);
}
