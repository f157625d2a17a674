import { createDecipheriv, pbkdf2 } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** Pulumi marks a special value by an object with this key. */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** As Pulumi derives a key from a passphrase: pkg/secrets/passphrase in its sources. */
const rounds = 1_000_000;
const keyBytes = 32;
const tagBytes = 16;

/** The passphrase is missing, or another one than that of the state. */
export class NoPassphrase extends Error {}

/** Reads a value of a state without its secrets. What is secret, or holds nothing but secrets, is left out. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  if (value[signature] === secretMark) return undefined;
  const entries = Object.entries(value).map(([key, one]) => [key, withoutSecrets(one)] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

/** Reads a value of a state with its secrets in clear text. */
export async function withSecrets(value: unknown, key: () => Promise<Buffer>): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((one) => withSecrets(one, key)));
  if (!isObject(value)) return value;
  if (value[signature] === secretMark) {
    // In clear text there is one only where a person exported the state so.
    const { ciphertext, plaintext } = value as { ciphertext?: string; plaintext?: string };
    return JSON.parse(plaintext ?? decrypted(ciphertext ?? "", await key())) as unknown;
  }
  const entries = Object.entries(value).map(
    async ([name, one]) => [name, await withSecrets(one, key)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * The key of a state's secrets, by the passphrase of the environment. It takes a third of a second in a thread of its
 * own, so a command that needs no secret does not ask for it.
 *
 * @param salt `v1:<salt>:v1:<nonce>:<the word "pulumi", encrypted>`
 * @throws NoPassphrase
 */
export async function stateKey(
  salt: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Buffer> {
  const [version, random = "", ...proof] = salt.split(":");
  if (version !== "v1")
    throw new NoPassphrase(`the state's salt is of an unknown form: ${version}`);
  const key = await promisify(pbkdf2)(
    ...([passphrase(env), Buffer.from(random, "base64"), rounds, keyBytes, "sha256"] as const),
  );
  try {
    if (decrypted(proof.join(":"), key) === "pulumi") return key;
  } catch {
    // Another passphrase than that of the state.
  }
  throw new NoPassphrase("incorrect passphrase");
}

/** @param text `v1:<nonce>:<encrypted text with its tag>` */
function decrypted(text: string, key: Buffer): string {
  const [version, nonce = "", body = ""] = text.split(":");
  if (version !== "v1") throw new Error("a secret of an unknown form");
  const bytes = Buffer.from(body, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const clear = decipher.update(bytes.subarray(0, -tagBytes), undefined, "utf8");
  return clear + decipher.final("utf8");
}

function passphrase(env: NodeJS.ProcessEnv): string {
  const given = env["PULUMI_CONFIG_PASSPHRASE"];
  if (given !== undefined) return given;
  const file = env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  if (!file) {
    throw new NoPassphrase(
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    );
  }
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NoPassphrase(
      `PULUMI_CONFIG_PASSPHRASE_FILE is ${file}, which cannot be read (${code})`,
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
