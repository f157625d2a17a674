import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { folderState, isNotThere } from "../../../scripts/cli/stack/folderState";
import { readStackState } from "../../../scripts/cli/stack/stackState";
import {
  NoPassphrase,
  stateKey,
  withoutSecrets,
  withSecrets,
} from "../../../scripts/cli/stack/stateSecrets";

/** As Pulumi 3.259.0 wrote them, with the passphrase "of a test". */
const salt = "v1:dnouWoHXNoY=:v1:NeAnPGXrDo4rk/MO:Iy/KXknu8JYC3DkQxLuZK8d6Mc06hQ==";
const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext:
    "v1:F2z3joxrTbYJwg19:2MMdqnRrVKxsEAKT89qVZLcSeRcAwQTS6IdMln7YMrrVTBCAetr9KpQbTCoz7d0vN5w=",
};
const clear = "EzqvG85UMwdAg9UhuS89QdALsliAvGUq";

describe("the secrets of a state", () => {
  it("are opened by the passphrase of the environment, or of its file", async () => {
    const key = await stateKey(salt, {
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/none",
    });
    const value = { a: [1, secret, null], b: { c: secret }, d: "x" };
    expect(await withSecrets(value, () => Promise.resolve(key))).toEqual({
      a: [1, clear, null],
      b: { c: clear },
      d: "x",
    });
    const folder = mkdtempSync(join(tmpdir(), "lbt-secrets-"));
    try {
      writeFileSync(join(folder, "passphrase"), "of a test\n");
      const other = await stateKey(salt, {
        PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "passphrase"),
      });
      expect(other.equals(key)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are in clear text where the state was exported so", async () => {
    const { ciphertext, ...mark } = secret;
    expect(ciphertext).toMatch(/^v1:/);
    const noKey = () => Promise.reject(new Error("no key is needed"));
    expect(await withSecrets({ ...mark, plaintext: '{"a":1}' }, noKey)).toEqual({ a: 1 });
  });

  it.each([
    [{ PULUMI_CONFIG_PASSPHRASE: "another" }, "incorrect passphrase"],
    [{ PULUMI_CONFIG_PASSPHRASE: "" }, "incorrect passphrase"],
    [
      {},
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    ],
    [
      { PULUMI_CONFIG_PASSPHRASE_FILE: "/none" },
      "PULUMI_CONFIG_PASSPHRASE_FILE is /none, which cannot be read (ENOENT)",
    ],
  ])("stay closed: %j", (env, why) =>
    expect(stateKey(salt, env)).rejects.toThrow(new NoPassphrase(why)),
  );

  it("are left out where nobody needs them, and no key is derived", () => {
    expect(withoutSecrets({ a: secret, b: [secret, 1], c: { d: secret, e: "x" } })).toEqual({
      b: [undefined, 1],
      c: { e: "x" },
    });
  });
});

describe("a state in a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbt-state-"));
  const stacks = join(folder, ".pulumi/stacks/laterbase");
  const before = { ...process.env };
  beforeAll(() => mkdirSync(stacks, { recursive: true }));
  beforeEach(() => {
    Object.assign(process.env, {
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    for (const name of ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  const checkpoint = (outputs: object, type = "passphrase") =>
    JSON.stringify({
      version: 3,
      checkpoint: {
        latest: {
          secrets_providers: { type, state: { salt } },
          resources: [
            {
              urn: "urn:pulumi:prod::laterbase::pulumi:pulumi:Stack::laterbase-prod",
              type: "pulumi:pulumi:Stack",
              outputs,
            },
            {
              urn: "urn:pulumi:prod::laterbase::x:y:Z::looks",
              type: "x:y:Z",
              inputs: { stdin: secret },
            },
          ],
        },
      },
    });
  const file = (name: string) => join(stacks, name);

  it("is read with and without its secrets", async () => {
    writeFileSync(file("prod.json"), checkpoint({ primary: { host: "h" }, connections: secret }));
    const known = await readStackState("organization/laterbase/prod");
    expect(known.plain).toEqual({ primary: { host: "h" } });
    expect(await known.outputs()).toEqual({ primary: { host: "h" }, connections: clear });
    expect(await known.open("urn:pulumi:prod::laterbase::x:y:Z::looks", "inputs", "stdin")).toBe(
      clear,
    );
  });

  it("says that another passphrase opens nothing, and shows the rest", async () => {
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "another";
    const known = await readStackState("prod");
    expect(known.plain).toEqual({ primary: { host: "h" } });
    await expect(known.outputs()).rejects.toThrow(
      "The outputs of stack prod cannot be read: incorrect passphrase.",
    );
  });

  it("of a stack that is not up is one sentence", async () => {
    writeFileSync(file("prod.json"), checkpoint({}));
    await expect(readStackState("prod")).rejects.toThrow(
      "The stack prod is not up: 'npm run pulumi -- up --stack prod' creates it.",
    );
  });

  it("is the newer one of a packed and an unpacked file", () => {
    writeFileSync(file("two.json"), checkpoint({ a: "old" }));
    utimesSync(file("two.json"), 1, 1);
    writeFileSync(file("two.json.gz"), gzipSync(checkpoint({ a: "new" })));
    expect(folderState("two")?.state.deployment.resources?.[0]?.outputs).toEqual({ a: "new" });
  });

  it("is left to Pulumi where it is elsewhere, damaged, gone, or encrypted by another service", () => {
    process.env["PULUMI_BACKEND_URL"] = "https://api.pulumi.com";
    expect(folderState("prod")).toBeUndefined();
    writeFileSync(file("bad.json"), '{"version": 3, "check');
    writeFileSync(file("cloud.json"), checkpoint({ a: 1 }, "cloud"));
    for (const name of ["bad", "cloud", "none"]) expect(folderState(name, folder)).toBeUndefined();
    writeFileSync(join(folder, ".pulumi/stacks/former.json"), "{}");
    const there = ["bad", "cloud", "former", "none"].filter((name) => !isNotThere(name, folder));
    expect(there).toEqual(["bad", "cloud", "former"]);
    expect(isNotThere("none")).toBe(false);
  });
});
