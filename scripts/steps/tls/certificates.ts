import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
// tsyringe, which x509 is built on, stops without it.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Both live this long, so that no backup stops because a certificate has ended. */
const years = 10;

/** An authority: a certificate that signs others, and signs nothing but servers'. */
export async function makeAuthority(name: string, now = new Date()): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: subject(`${name} authority`),
    ...validity(now),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pair(certificate, keys.privateKey);
}

/**
 * A server's certificate that the authority signs.
 *
 * @param hosts the names and addresses under which clients reach the server
 */
export async function signCertificate(
  authority: KeyPair,
  name: string,
  hosts: readonly string[],
  now = new Date(),
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await newKeys();
  const { keyUsage, serverAuth } = {
    keyUsage: x509.KeyUsageFlags.digitalSignature,
    serverAuth: x509.ExtendedKeyUsage.serverAuth,
  };
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subject(name),
    issuer: issuer.subjectName.toJSON(),
    notBefore: validity(now).notBefore,
    // A certificate that outlives its authority is worth nothing.
    notAfter: earlier(validity(now).notAfter, issuer.notAfter),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await privateKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(keyUsage, true),
      new x509.ExtendedKeyUsageExtension([serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) ? "ip" : "dns", value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return pair(certificate, keys.privateKey);
}

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const privateKey = (pem: string) =>
  webcrypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), algorithm, false, [
    "sign",
  ]);

async function pair(certificate: x509.X509Certificate, key: webcrypto.CryptoKey): Promise<KeyPair> {
  const bytes = await webcrypto.subtle.exportKey("pkcs8", key);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(bytes, "PRIVATE KEY")}\n`,
  };
}

/** A common name has 64 characters at most. Clients read the names of the extension. */
const subject = (name: string) => [{ CN: [name.slice(-64)] }];

/** Positive, as the standard asks. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
}

/** From the day before: the clocks of two machines differ. */
function validity(now: Date): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(now.getTime() - 86_400_000);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  return { notBefore, notAfter };
}

const earlier = (one: Date, other: Date) => (one < other ? one : other);
