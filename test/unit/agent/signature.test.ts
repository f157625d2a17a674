import { sign, whoSigned } from "../../../scripts/agent/dump/signature";

const manifest = Buffer.from('{ "format": 1 }\n');
const signature =
  "laterbase-1 b758fb68faa1b399 402cf2b5c78122fbe43ba3ee7827b53eaf2feaf4f15de5bd74ecdafe7aad692b\n";

it("is the key's id and an HMAC of the bytes", () => {
  expect(sign("key", manifest)).toBe(signature);
});

it.each([
  ["ours", "key", manifest, sign("key", manifest)],
  ["changed", "key", Buffer.from('{ "format": 1}\n'), sign("key", manifest)],
  ["changed", "key", manifest, sign("key", manifest).replace(/[0-9a-f]{4}\n$/, "0000\n")],
  ["unknown", "key", manifest, sign("other", manifest)],
  ["unknown", "key", manifest, undefined],
  ["unknown", "key", manifest, "nonsense"],
  ["unknown", undefined, manifest, sign("key", manifest)],
] as const)("says %s of key %s", (who, key, bytes, line) => {
  expect(whoSigned(key, bytes, line)).toBe(who);
});
