import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import tar from "tar-stream";
import { stored } from "./filters";
import type { Filter } from "./shapes";
import { stamp, timeOf } from "./spans";

export interface SourceFile {
  path: string;
  size: number;
  mtime: Date;
  mode: number;
  uid: number;
  gid: number;
}

/** Every file below the sources that the filters include, in order. */
export async function filesIn(
  sources: readonly string[],
  filters: readonly Filter[],
): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  const enter = async (path: string): Promise<void> => {
    const folder = path.endsWith("/") ? path : `${path}/`;
    if (!stored(folder, filters)) return;
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = join(folder, entry.name);
      if (entry.isDirectory()) await enter(inner);
      else if (entry.isFile() && stored(inner, filters)) await take(inner);
    }
  };
  const take = async (path: string): Promise<void> => {
    // The file may have been removed since the folder was read.
    const seen = await lstat(path).catch(() => undefined);
    if (seen) found.push({ path, ...pick(seen) });
  };
  for (const source of sources) {
    if ((await stat(source)).isDirectory()) await enter(source);
    else await take(source);
  }
  return found;
}

const pick = ({ size, mtime, mode, uid, gid }: Omit<SourceFile, "path">) => {
  return { size, mtime, mode: mode & 0o7777, uid, gid };
};

export interface Written {
  name: string;
  bytes: number;
  /** One sentence for each file that could not be read. */
  warnings: string[];
}

/**
 * Writes one version: a tar.gz under a temporary name, which is renamed at the end. With a passphrase it
 * is encrypted as `openssl enc` does it. To unpack it:
 *
 *     openssl enc -d -aes-256-cbc -pbkdf2 -iter 100000 -in <archive> | tar -xz -C <folder>
 */
export async function writeVersion(
  folder: string,
  files: readonly SourceFile[],
  { passphrase, onFile }: { passphrase: string; onFile: (done: number) => void },
): Promise<Written> {
  await mkdir(folder, { recursive: true });
  // Remove what a killed run left.
  for (const left of (await readdir(folder)).filter((one) => /^\.duplicati-.*\.part$/.test(one))) {
    await rm(join(folder, left), { force: true });
  }
  const name = await freeName(folder, passphrase !== "");
  const path = join(folder, name);
  const beside = join(folder, `.${name}.part`);
  const pack = tar.pack();
  const warnings: string[] = [];
  const filled = fill(pack, files, warnings, onFile).catch((error: Error) => pack.destroy(error));
  try {
    const out = createWriteStream(beside, { mode: 0o600, flush: true });
    const [head, cipher] = passphrase === "" ? [undefined, new PassThrough()] : encrypt(passphrase);
    if (head) out.write(head);
    // Level 1, because dumps are already compressed.
    await pipeline(pack, createGzip({ level: 1 }), cipher, out);
    await filled;
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  return { name, bytes: (await stat(path)).size, warnings };
}

async function fill(
  pack: tar.Pack,
  files: readonly SourceFile[],
  warnings: string[],
  onFile: (done: number) => void,
): Promise<void> {
  for (const [index, { path }] of files.entries()) {
    const handle = await open(path).catch((error: Error) => {
      warnings.push(`Failed to process path: ${path}: ${error.message}`);
    });
    if (handle) {
      // An open file keeps its content and size, even if it is removed.
      const { size, ...seen } = pick(await handle.stat());
      const entry = pack.entry({ name: path.replace(/^\//, ""), size, ...seen });
      const limit = size === 0 ? {} : { end: size - 1 };
      await pipeline(
        createReadStream(path, { fd: handle, ...limit }),
        entry as unknown as Writable,
      );
    }
    onFile(index + 1);
  }
  pack.finalize();
}

/** The two parts of a file as `openssl enc -aes-256-cbc -pbkdf2 -iter 100000` writes it. */
function encrypt(passphrase: string) {
  const salt = randomBytes(8);
  const key = pbkdf2Sync(passphrase, salt, 100_000, 48, "sha256");
  const cipher = createCipheriv("aes-256-cbc", key.subarray(0, 32), key.subarray(32));
  return [Buffer.concat([Buffer.from("Salted__"), salt]), cipher] as const;
}

/** The folder of a `file://` target. */
export function targetFolder(target: string): string {
  const folder = /^file:\/\/(\/[^?]*)/.exec(target)?.[1];
  if (folder) return folder;
  const scheme = target.split(":", 1)[0] ?? "";
  throw new Error(
    `This stand-in for Duplicati stores to file:// targets only, not to ${scheme}://; the real image duplicati/duplicati does`,
  );
}

const versionName = /^duplicati-(\d{8}T\d{6}Z)\.tar\.gz(?:\.aes)?$/;

/** The versions in a folder, the oldest first. */
export async function versionsIn(folder: string): Promise<{ name: string; time: Date }[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort().flatMap((name) => {
    const time = versionName.exec(name)?.[1];
    return time ? [{ name, time: timeOf(time) }] : [];
  });
}

/** Two versions of the same second get different names. */
async function freeName(folder: string, encrypted: boolean): Promise<string> {
  const newest = (await versionsIn(folder)).at(-1)?.time.getTime() ?? 0;
  const now = Math.floor(Date.now() / 1000) * 1000;
  const time = new Date(now > newest ? now : newest + 1000);
  return `duplicati-${stamp(time)}.tar.gz${encrypted ? ".aes" : ""}`;
}
