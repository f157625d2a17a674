import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/**
 * What PostgreSQL stores of a password (RFC 5803). Made here, so that the password itself never
 * reaches the server, nor its statement log.
 */
export function scramVerifier(password: string, salt: Buffer | string, iterations = 4096): string {
  const bytes = typeof salt === "string" ? Buffer.from(salt, "base64") : salt;
  const salted = pbkdf2Sync(saslPrep(password), bytes, iterations, 32, "sha256");
  const stored = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const server = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${bytes.toString("base64")}$${stored}:${server}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** The mappings of RFC 4013, as the server applies them to what a client sends. */
function saslPrep(password: string): string {
  return password
    .replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, " ")
    .replace(/[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/g, "")
    .normalize("NFKC");
}
