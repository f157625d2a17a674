import { createHmac } from "node:crypto";
import { scramVerifier } from "../../../scripts/primary";
import { isVerifierOf } from "../../../contract/scramVerifier";

// RFC 7677 section 3: the server's signature of its example exchange, from our server key.
it("makes the server key of RFC 7677", () => {
  const salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  const verifier = scramVerifier("pencil", salt, 4096);
  expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$[^:]{44}:[^:]{44}$/);
  const exchange = [
    "n=user,r=rOprNGfwEbeRWgbNEkqO",
    `r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=${salt},i=4096`,
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  ].join(",");
  const serverKey = Buffer.from(verifier.split(":").at(-1)!, "base64");
  const signature = createHmac("sha256", serverKey).update(exchange).digest("base64");
  expect(signature).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
});

it("is the same for the same salt, whatever form it has, and another for another", () => {
  const salt = Buffer.alloc(16, 9);
  expect(scramVerifier("secret", salt)).toBe(scramVerifier("secret", salt.toString("base64")));
  expect(scramVerifier("secret", salt)).not.toBe(scramVerifier("secret", Buffer.alloc(16, 8)));
  expect(scramVerifier("secret", salt)).not.toContain("secret");
});

it("prepares a password beyond ASCII as the server does", () => {
  const salt = Buffer.alloc(16);
  expect(scramVerifier("\u2168", salt)).toBe(scramVerifier("IX", salt));
  expect(scramVerifier("a\u00a0b\u00ad", salt)).toBe(scramVerifier("a b", salt));
});

it.each(["\u2168\u0007", "\u2168\u{1f600}", "\u05d0\u2168"])(
  "takes %j as it is, as the server does with characters that SASLprep prohibits",
  (password) => {
    const salt = Buffer.alloc(16);
    expect(scramVerifier(password, salt)).not.toBe(
      scramVerifier(password.replace("\u2168", "IX"), salt),
    );
  },
);

it("recognizes its own password, no other one, and nothing in a text that is not a verifier", () => {
  const verifier = scramVerifier("pässword", Buffer.alloc(16, 3), 5000);
  expect(isVerifierOf(verifier, "pässword")).toBe(true);
  expect(isVerifierOf(verifier, "password")).toBe(false);
  expect(isVerifierOf("md55f4dcc3b5aa765d61d8327deb882cf99", "password")).toBe(false);
  expect(isVerifierOf("", "")).toBe(false);
});
