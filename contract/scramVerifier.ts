import saslprep from "@mongodb-js/saslprep";
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/**
 * What PostgreSQL stores of a password (RFC 5803). Made here, so that the password itself never
 * reaches the server, nor its statement log.
 */
export function scramVerifier(password: string, salt: Buffer | string, iterations = 4096): string {
  const bytes = typeof salt === "string" ? Buffer.from(salt, "base64") : salt;
  const salted = pbkdf2Sync(prepared(password), bytes, iterations, 32, "sha256");
  const stored = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const server = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${bytes.toString("base64")}$${stored}:${server}`;
}

/** Whether a verifier, as the server stores it, is one of this password. */
export function isVerifierOf(verifier: string, password: string): boolean {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier) ?? [];
  if (!iterations || !salt) return false;
  return scramVerifier(password, salt, Number(iterations)) === verifier;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/**
 * The password as the server prepares what a client sends: by SASLprep (RFC 4013), or unchanged when
 * it has a character that SASLprep prohibits or does not know.
 */
function prepared(password: string): string {
  try {
    return saslprep(password);
  } catch {
    return password;
  }
}
