import { X509Certificate, createPrivateKey } from "node:crypto";
import { makeAuthority, signCertificate } from "../../../scripts/steps/tls/certificates";

// Read by OpenSSL, which pgBackRest uses too, and not by the library that wrote them.
const now = new Date("2026-11-29T10:00:00Z");
const hosts = ["laterbase-dev-object-store", "localhost", "127.0.0.1", "fd00::7"];
const name = "laterbase-dev-object-store";

async function make() {
  const authority = await makeAuthority(name, now);
  const server = await signCertificate(authority, name, hosts, now);
  return { authority, server, ca: new X509Certificate(authority.certificate) };
}
// The tests only look at it, and to draw its keys takes most of their time.
let making: ReturnType<typeof make> | undefined;
const made = () => (making ??= make());

it("an authority lives ten years, signs, and is its own issuer", async () => {
  const { authority, ca } = await made();
  expect(ca.subject).toBe("CN=laterbase-dev-object-store authority");
  expect([ca.ca, ca.checkIssued(ca), ca.verify(ca.publicKey)]).toEqual([true, true, true]);
  expect(new Date(ca.validFrom).toISOString()).toBe("2026-11-28T10:00:00.000Z");
  expect(new Date(ca.validTo).toISOString()).toBe("2036-11-29T10:00:00.000Z");
  expect(ca.checkPrivateKey(createPrivateKey(authority.key))).toBe(true);
});

it("a server's certificate has the names and addresses of the server, and no other", async () => {
  const { server, ca } = await made();
  const leaf = new X509Certificate(server.certificate);
  expect(leaf.subjectAltName).toBe(
    "DNS:laterbase-dev-object-store, DNS:localhost, IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:7",
  );
  expect(leaf.checkHost("laterbase-dev-object-store")).toBe("laterbase-dev-object-store");
  expect(leaf.checkIP("fd00::7")).toBe("fd00::7");
  expect(leaf.checkHost("laterbase-dev-primary")).toBeUndefined();
  expect([leaf.ca, leaf.checkIssued(ca), leaf.verify(ca.publicKey)]).toEqual([false, true, true]);
  expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(leaf.checkPrivateKey(createPrivateKey(server.key))).toBe(true);
});

it("lives as long as its authority, and not longer where that is older", async () => {
  const { authority, server } = await made();
  expect(new X509Certificate(server.certificate).validTo).toBe("Nov 29 10:00:00 2036 GMT");
  const later = new Date("2030-01-01T00:00:00Z");
  const second = await signCertificate(authority, name, ["other"], later);
  expect(new X509Certificate(second.certificate).validTo).toBe("Nov 29 10:00:00 2036 GMT");
});

it("two authorities of one name do not sign for each other", async () => {
  const { server } = await made();
  const other = new X509Certificate((await makeAuthority(name, now)).certificate);
  expect(new X509Certificate(server.certificate).verify(other.publicKey)).toBe(false);
});

it("has a common name of 64 characters at most, and the whole name beside it", async () => {
  const long = `laterbase-${"x".repeat(60)}-object-store`;
  const authority = await makeAuthority(long, now);
  const leaf = new X509Certificate(
    (await signCertificate(authority, long, [long], now)).certificate,
  );
  expect(leaf.subject.replace("CN=", "")).toHaveLength(64);
  expect(leaf.checkHost(long)).toBe(long);
});
