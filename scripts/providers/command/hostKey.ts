/** The only key that a host may show. */
export interface HostKey {
  /** In the protocol's format. */
  key: Buffer;
  /** The signature algorithms of this key. No others are offered to the host. */
  algorithms: string[];
}

const LINE =
  /(?:^|\s)(ssh-(?:rsa|ed25519)|ecdsa-sha2-nistp(?:256|384|521))\s+([A-Za-z0-9+/]+={0,2})(?=\s|$)/m;

/**
 * Reads a public key in the form of authorized_keys, known_hosts or a *.pub file.
 *
 * For an RSA key, SHA-2 signatures are offered too. The official plugin offers only `ssh-rsa`, which
 * today's OpenSSH refuses.
 */
export function parseHostKey(text: string): HostKey {
  const [, type = "", base64 = ""] = LINE.exec(text) ?? [];
  const key = Buffer.from(base64, "base64");
  if (type === "" || typeWithin(key) !== type) {
    throw new Error("failed to parse host key: ssh: no key found");
  }
  const algorithms = type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", type] : [type];
  return { key, algorithms };
}

/** A key starts with its type: four bytes of length, then the name. */
function typeWithin(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString();
}
