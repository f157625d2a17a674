import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import tar from "tar-stream";
import { versionsIn } from "./archive";
import { stored } from "./filters";

interface Wanted {
  /** The target's folder. */
  folder: string;
  /** Empty: the archives are not encrypted. */
  passphrase: string;
  /** 0 is the newest. */
  version: number;
  /** Where the files go, below the folder that all of them are in. */
  to: string;
  /** Duplicati's patterns. None, or `*`: everything. */
  filters: readonly string[];
}

/** What `openssl enc` writes before the salt. */
const MAGIC = "Salted__";

/** Restores the files of one version, and returns how many. */
export async function restoreVersion(wanted: Wanted): Promise<number> {
  const { folder, passphrase, version, to, filters } = wanted;
  const versions = (await versionsIn(folder)).toReversed();
  const found = versions[version];
  if (!found) throw new Error(`There is no version ${version}: the target has ${versions.length}.`);
  const path = join(folder, found.name);
  const encrypted = found.name.endsWith(".aes");
  const patterns = filters.map((Expression, Order) => ({ Order, Include: true, Expression }));
  const extract = tar.extract();
  let files = 0;
  const taken = (async () => {
    for await (const entry of extract) {
      const { name, type } = entry.header;
      const own = `/${name}`;
      if (type !== "file" || !stored(own, patterns)) {
        entry.resume();
        continue;
      }
      const place = resolve(to, name.replace(/^[^/]+\//, ""));
      if (!place.startsWith(resolve(to) + sep)) throw new Error(`${own} would leave the folder.`);
      await mkdir(dirname(place), { recursive: true });
      await pipeline(entry, createWriteStream(place));
      files++;
    }
  })();
  const salt = encrypted ? await saltOf(path) : undefined;
  const input = createReadStream(path, { start: salt ? 16 : 0 });
  const plain = salt ? decipher(passphrase, salt) : new Transform({ transform: pass });
  await Promise.all([taken, pipeline(input, plain, createGunzip(), extract)]).catch(
    (error: NodeJS.ErrnoException) => {
      const wrong = error.code?.startsWith("Z_") || error.code?.startsWith("ERR_OSSL");
      throw wrong
        ? new Error("The archive cannot be read: the passphrase is wrong, or it is damaged.")
        : error;
    },
  );
  return files;
}

const pass = (chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void) =>
  done(null, chunk);

async function saltOf(path: string): Promise<Buffer> {
  const head = Buffer.alloc(16);
  const file = await open(path);
  try {
    await file.read(head, 0, 16, 0);
  } finally {
    await file.close();
  }
  if (head.toString("latin1", 0, 8) !== MAGIC) throw new Error("The archive cannot be read.");
  return head.subarray(8);
}

function decipher(passphrase: string, salt: Buffer) {
  const key = pbkdf2Sync(passphrase, salt, 100_000, 48, "sha256");
  return createDecipheriv("aes-256-cbc", key.subarray(0, 32), key.subarray(32));
}
