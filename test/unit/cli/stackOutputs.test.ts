import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentOf, readOutputs } from "../../../scripts/cli/stack/outputs";

/** With a fake Pulumi CLI. */
describe("a stack's outputs", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbt-cli-"));
  const path = process.env["PATH"];
  beforeAll(() => {
    process.env["PATH"] = `${folder}:${path}`;
    process.env["PULUMI_BACKEND_URL"] = "file:///state";
  });
  afterAll(() => {
    process.env["PATH"] = path;
    delete process.env["PULUMI_BACKEND_URL"];
    rmSync(folder, { recursive: true });
  });
  const pulumi = (script: string) => {
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "pulumi"), 0o755);
  };

  it("are read with their secrets", async () => {
    pulumi(`printf '{"said": "%s"}' "$*"`);
    expect(await readOutputs("prod")).toEqual({
      said: "stack output --json --show-secrets --stack prod --non-interactive",
    });
  });

  it("cannot be read where Pulumi has no login", async () => {
    const { PULUMI_BACKEND_URL: backend, PULUMI_CREDENTIALS_PATH: home } = process.env;
    delete process.env["PULUMI_BACKEND_URL"];
    process.env["PULUMI_CREDENTIALS_PATH"] = folder;
    pulumi("echo 'error: PULUMI_ACCESS_TOKEN must be set' >&2; exit 255");
    await expect(readOutputs("nosuch")).rejects.toThrow(
      /^There is no stack nosuch: 'npm run laterbase -- new nosuch --from <example>' makes one\.$/,
    );
    await expect(readOutputs("prod")).rejects.toThrow(
      /^Pulumi has no place for its state yet: 'npm run pulumi -- login --local'/,
    );
    writeFileSync(join(folder, "credentials.json"), '{"current":"file://~"}');
    await expect(readOutputs("prod")).rejects.toThrow(/PULUMI_ACCESS_TOKEN must be set\.$/);
    process.env["PULUMI_BACKEND_URL"] = backend;
    if (home === undefined) delete process.env["PULUMI_CREDENTIALS_PATH"];
    else process.env["PULUMI_CREDENTIALS_PATH"] = home;
  });

  it.each([
    ["echo '{}'", "dev", "The stack dev is not up: 'npm start' creates it."],
    [
      "echo \"error: no stack named 'prod' found\" >&2; exit 6",
      "prod",
      "The stack prod is not up: 'npm run pulumi -- up --stack prod' creates it.",
    ],
    [
      "exit 6",
      "studio",
      "There is no stack studio: 'npm run laterbase -- new studio --from <example>' makes one.",
    ],
    [
      "echo 'error: incorrect passphrase' >&2; exit 255",
      "prod",
      "The outputs of stack prod cannot be read: incorrect passphrase.",
    ],
    [
      "echo \"error: no stack named 'prod' found\" >&2; exit 1",
      "prod",
      "The outputs of stack prod cannot be read: no stack named 'prod' found.",
    ],
  ])("that cannot be read are one sentence: %s", async (script, stack, said) => {
    pulumi(script);
    await expect(readOutputs(stack)).rejects.toThrow(new Error(said));
  });
});

it("name the agent's container and engine", () => {
  const dumps = { agent: "a" };
  expect(agentOf("dev", { backups: { dumps } })).toEqual({ name: "a" });
  expect(agentOf("dev", { backups: { dumps: { ...dumps, dockerHost: null } } })).toEqual({
    name: "a",
  });
  expect(() => agentOf("dev", {})).toThrow(/makes no dumps/);
});
