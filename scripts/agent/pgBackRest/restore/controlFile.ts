import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { dataDirectory } from "../../../../contract/names";
import { parsePgBackRest } from "../../../../contract/pgBackRestJson";
import type { Context } from "../../kit/context";
import { Failure } from "../../kit/failure";
import { failureOf, pgBackRest } from "../command";

const file = "global/pg_control";

/**
 * A folder by which `archive-get` knows the server of a repository where its data are gone. pgBackRest reads the
 * version and the system identifier from pg_control. Undefined where the primary's own file is there, and whole.
 */
export async function standInData(
  context: Context,
  repository: number,
): Promise<string | undefined> {
  if (await isWhole(join(dataDirectory("primary"), file))) return undefined;
  const system = await systemIdentifier(context, repository);
  const folder = await mkdtemp(join(tmpdir(), "laterbase-control-"));
  const made = join(folder, "made");
  const program = `/usr/lib/postgresql/${context.config.major}/bin/initdb`;
  const words = ["--no-sync", "--username=postgres", "--auth=reject", "--locale=C"];
  const ran = await execa(program, [`--pgdata=${made}`, ...words], {
    ...{ reject: false, stdin: "ignore" as const, env: { LC_ALL: "C.UTF-8" } },
  });
  if (ran.exitCode !== 0) throw new Failure(`initdb failed: ${ran.stderr.trim()}`);
  const control = withSystem(await readFile(join(made, file)), system);
  await rm(made, { recursive: true });
  await mkdir(join(folder, "global"));
  await writeFile(join(folder, file), control);
  return folder;
}

/** Whether a control file can be read: a power failure may leave an empty one. */
async function isWhole(path: string): Promise<boolean> {
  try {
    crcPlace(await readFile(path));
    return true;
  } catch {
    return false;
  }
}

/** The newest server's. As a number it would lose its last digits. */
async function systemIdentifier(context: Context, repository: number): Promise<bigint> {
  const ran = await pgBackRest(context, ["info", `--repo=${repository}`, "--output=json"]);
  if (ran.code !== 0) throw failureOf(ran);
  const exact = ran.stdout.replace(/"system-id":(\d+)/g, '"system-id":"$1"');
  const [stanza] = parsePgBackRest(exact) as [{ db: { id: number; "system-id": string }[] }?];
  const newest = (stanza?.db ?? []).toSorted((a, b) => a.id - b.id).at(-1);
  if (!newest) throw new Failure("The repository knows no server.");
  return BigInt(newest["system-id"]);
}

/**
 * A control file with another system identifier, which is its first field. Its CRC is the last one, of all that comes
 * before it: https://github.com/postgres/postgres/blob/REL_17_STABLE/src/include/catalog/pg_control.h
 */
export function withSystem(control: Buffer, system: bigint): Buffer {
  const end = crcPlace(control);
  const changed = Buffer.from(control);
  changed.writeBigUInt64LE(system, 0);
  changed.writeUInt32LE(crc32c(changed, end), end);
  return changed;
}

/** Where the CRC is, which depends on the major. */
function crcPlace(control: Buffer): number {
  let crc = 0xffff_ffff;
  for (let end = 0; end + 4 <= control.length; end++) {
    if (end > 0 && end % 4 === 0 && control.readUInt32LE(end) === ~crc >>> 0) return end;
    crc = next(crc, control[end]!);
  }
  throw new Failure("The control file has no CRC that fits.");
}

function crc32c(bytes: Buffer, end: number): number {
  let crc = 0xffff_ffff;
  for (let i = 0; i < end; i++) crc = next(crc, bytes[i]!);
  return ~crc >>> 0;
}

/** Castagnoli's polynomial, reversed. Node has the other CRC-32 only. */
const polynomial = 0x82f6_3b78;
const table = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc >>> 0;
});
const next = (crc: number, byte: number) => (table[(crc ^ byte) & 0xff]! ^ (crc >>> 8)) >>> 0;
