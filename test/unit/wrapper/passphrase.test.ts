import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { needPassphrase, stackFileOf } from "../../../scripts/wrapper/passphrase";

const folder = mkdtempSync(join(tmpdir(), "lbt-passphrase-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "Pulumi.prod.yaml");
const line = { stack: "prod", flags: ["--stack", "prod", "--config-file", file] };
const write = (text: string) => writeFileSync(file, text);

it("is asked for on a terminal, and given to Pulumi only", async () => {
  write("encryptionsalt: v1:x\nconfig: {}\n");
  const env: NodeJS.ProcessEnv = {};
  const asked: string[] = [];
  const askHidden = (question: string) => {
    asked.push(question);
    return Promise.resolve("of a person");
  };
  expect(await needPassphrase(line, { askHidden }, env)).toBeUndefined();
  expect(asked).toEqual(["Passphrase of stack prod (PULUMI_CONFIG_PASSPHRASE): "]);
  expect(env).toEqual({ PULUMI_CONFIG_PASSPHRASE: "of a person" });
});

it("is named in a sentence where nobody can type it", async () => {
  expect(await needPassphrase(line, {}, {})).toBe(
    "the secrets of stack prod have a passphrase: set PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it, or PULUMI_CONFIG_PASSPHRASE.",
  );
});

it("is not asked for when it is known, even an empty one, or not needed", async () => {
  expect(await needPassphrase(line, {}, { PULUMI_CONFIG_PASSPHRASE: "" })).toBeUndefined();
  expect(await needPassphrase(line, {}, { PULUMI_CONFIG_PASSPHRASE_FILE: "/p" })).toBeUndefined();
  write("secretsprovider: awskms://x\nconfig: {}\n");
  expect(await needPassphrase(line, {}, {})).toBeUndefined();
});

it("belongs to the stack's file", () => {
  expect(stackFileOf(line)).toBe(file);
  expect(stackFileOf({ stack: "prod", flags: [`--config-file=${file}`] })).toBe(file);
  expect(stackFileOf({ stack: "organization/laterbase/prod", flags: [] })).toBe(
    resolve("Pulumi.prod.yaml"),
  );
});
