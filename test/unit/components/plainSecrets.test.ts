import { z } from "zod";
import { SecretText } from "../../../components/schema/primitives";
import { secretPaths } from "../../../components/schema/secretPaths";
import { plainSecrets } from "../../../components/stack/plainSecrets";

const external = (superuser: object, access: object, more: object = {}) => ({
  primary: { kind: "external", host: "db", version: 17, superuser, access },
  ...more,
});
const ssh = { kind: "ssh", user: "me", privateKey: "of the key", hostKey: "ssh-ed25519 A" };
const both = external({ name: "postgres", password: "of the superuser" }, ssh);
const command = (path: string) =>
  `laterbase:${path} is a secret, but it is plain text in Pulumi.prod.yaml. This command asks for its value and encrypts it: npm run pulumi -- config set --secret --path 'laterbase:${path}' --stack prod`;
const warned = (raw: unknown, plainKeys?: unknown, secretKeys: string[] = []) =>
  plainSecrets(raw, "prod", "Pulumi.prod.yaml", {
    plainKeys: plainKeys === undefined ? undefined : JSON.stringify(plainKeys),
    secretKeys: JSON.stringify(secretKeys),
  });

describe("a secret in plain text", () => {
  it("is named with the command that encrypts it, and never repeated", () => {
    const sentences = warned(both);
    expect(sentences).toEqual([
      command("primary.superuser.password"),
      command("primary.access.privateKey"),
    ]);
    expect(sentences.join()).not.toMatch(/of the (superuser|key)/);
  });

  it("is found beside an encrypted one in the same key, by what the wrapper reads", () => {
    const plain = [
      ["primary", "superuser", "name"],
      ["primary", "access", "privateKey"],
    ];
    expect(warned(both, plain, ["laterbase:primary"])).toEqual([
      command("primary.access.privateKey"),
    ]);
    // Pulumi itself says only that something in the key is encrypted.
    expect(warned(both, undefined, ["laterbase:primary"])).toEqual([]);
  });

  it("is none of a managed primary's or an environment's that is not in the file", () => {
    const managed = { primary: { kind: "managed", superuser: { password: "x" } } };
    expect(warned(managed)).toEqual([command("primary.superuser.password")]);
    expect(warned(managed, [["primary", "kind"]])).toEqual([]);
    expect(warned({ primary: { kind: "managed" } })).toEqual([]);
  });

  it("is a target with keys, and no folder", () => {
    expect(warned({ duplicati: { target: "file:///archive" } })).toEqual([]);
    expect(warned({ duplicati: { target: "s3://b/f?auth-password=k" } })).toEqual([
      command("duplicati.target"),
    ]);
    expect(warned({ duplicati: { target: "file:///archive?x=y", passphrase: "p" } })).toEqual([
      command("duplicati.target"),
      command("duplicati.passphrase"),
    ]);
  });

  it("is nothing without a stack file, whatever Pulumi says", () => {
    const from = { plainKeys: undefined, secretKeys: undefined };
    expect(plainSecrets({}, "prod", "Pulumi.prod.yaml", from)).toEqual([]);
  });
});

describe("secretPaths", () => {
  it("finds them in lists, in records, behind defaults and in each kind", () => {
    const one = z.object({ url: SecretText.optional(), name: z.string() });
    const schema = z.object({
      list: z.array(one).default([]),
      record: z.record(z.string(), one).optional(),
      kinds: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a"), key: SecretText }),
        z.object({ kind: z.literal("b"), key: SecretText, other: SecretText }),
      ]),
    });
    const value = {
      list: [{ name: "n" }, { name: "m", url: "u" }],
      record: { "a b": { name: "n", url: "u" } },
      kinds: { kind: "b", key: "k", other: "o" },
      unknown: { url: "u" },
    };
    expect(secretPaths(schema, value)).toEqual([
      ["list", 1, "url"],
      ["record", "a b", "url"],
      ["kinds", "key"],
      ["kinds", "other"],
    ]);
  });
});
