// Pulumi's encryption by a passphrase: whether a passphrase belongs to an `encryptionsalt`.
import { createDecipheriv, pbkdf2Sync } from "node:crypto";

const tagBytes = 16;

/**
 * @param {string} passphrase
 * @param {string} salt `v1:<salt>:v1:<nonce>:<the word "pulumi", encrypted>`. Of another form: not for us to judge
 */
export function fits(passphrase, salt) {
  const [version, random, inner, nonce, text] = salt.split(":");
  if (version !== "v1" || inner !== "v1" || !text) return true;
  const bytes = (base64) => Buffer.from(base64, "base64");
  const key = pbkdf2Sync(passphrase, bytes(random), 1_000_000, 32, "sha256");
  const encrypted = bytes(text);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes(nonce));
    decipher.setAuthTag(encrypted.subarray(-tagBytes));
    const word = decipher.update(encrypted.subarray(0, -tagBytes), undefined, "utf8");
    return word + decipher.final("utf8") === "pulumi";
  } catch {
    return false;
  }
}
