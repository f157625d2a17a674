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

/** Whether a verifier, as the server stores it, is one of this password. */
export function isVerifierOf(verifier: string, password: string): boolean {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier) ?? [];
  if (!iterations || !salt) return false;
  return scramVerifier(password, salt, Number(iterations)) === verifier;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** Code points that RFC 3454 maps to nothing (table B.1) and to a space (C.1.2). */
const nothing = [
  [0xad],
  [0x34f],
  [0x1806],
  [0x180b, 0x180d],
  [0x200c, 0x200d],
  [0x2060],
  [0xfe00, 0xfe0f],
  [0xfeff],
];
const spaces = [[0xa0], [0x1680], [0x2000, 0x200b], [0x202f], [0x205f], [0x3000]];

/** The mappings of RFC 4013, as the server applies them to what a client sends. */
function saslPrep(password: string): string {
  const within = (ranges: number[][], char: string) =>
    ranges.some(
      ([low = 0, high = low]) => char.codePointAt(0)! >= low && char.codePointAt(0)! <= high,
    );
  return [...password]
    .filter((char) => !within(nothing, char))
    .map((char) => (within(spaces, char) ? " " : char))
    .join("")
    .normalize("NFKC");
}
