import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { agentFiles } from "../../../contract/agentPaths";
import type { Signature } from "../../../contract/manifest";
import type { Context } from "../kit/context";
import { codeOf, Failure, sentenceOf } from "../kit/failure";

/** The file beside a manifest: the key's id and the HMAC, `laterbase-1 <16 hex> <64 hex>`. */
export const signatureFile = "manifest.sig";

const SCHEME = "laterbase-1";
const LINE = /^laterbase-1 ([0-9a-f]{16}) ([0-9a-f]{64})\n?$/;

/** The stack's key. Undefined: this agent has none, so it signs nothing and knows no signature. */
export async function manifestKey({ paths }: Context): Promise<string | undefined> {
  try {
    const key = (await readFile(join(paths.etc, agentFiles.manifestKey), "utf8")).trim();
    if (key !== "") return key;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") {
      throw new Failure(`The key of the manifests cannot be read: ${sentenceOf(error)}.`);
    }
  }
  return undefined;
}

/** The signature of a manifest's bytes, as `manifest.sig` holds it. */
export function sign(key: string, manifest: string | Buffer): string {
  return `${SCHEME} ${keyId(key)} ${hmac(key, manifest)}\n`;
}

/**
 * Who wrote these bytes. It guards the folder of the dumps only: the agent itself holds the key.
 *
 * @param signature the content of `manifest.sig`; undefined: there is none
 */
export function whoSigned(
  key: string | undefined,
  manifest: Buffer,
  signature: string | undefined,
): Signature {
  const [, id, sum] = LINE.exec(signature ?? "") ?? [];
  if (key === undefined || id !== keyId(key) || sum === undefined) return "unknown";
  return timingSafeEqual(Buffer.from(sum), Buffer.from(hmac(key, manifest))) ? "ours" : "changed";
}

/** Names a key without saying anything about it. */
function keyId(key: string): string {
  return createHash("sha256").update(`laterbase manifest key ${key}`).digest("hex").slice(0, 16);
}

function hmac(key: string, manifest: string | Buffer): string {
  return createHmac("sha256", key).update(`${SCHEME}\n`).update(manifest).digest("hex");
}
