import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { registryLogin, registryOf } from "../../../scripts/engine/registryLogin";

const folder = mkdtempSync(join(tmpdir(), "lbt-login-"));
const path = process.env["PATH"];
const config = (content: unknown) =>
  writeFileSync(join(folder, "config.json"), JSON.stringify(content));
const basic = (text: string) => ({ auth: Buffer.from(text).toString("base64") });

/** A helper that has a login for one address. */
function helper(name: string, address: string, answer: object | string): void {
  const file = join(folder, `docker-credential-${name}`);
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = '${address}' ] || exit 1\necho '${typeof answer === "string" ? answer : JSON.stringify(answer)}'\n`,
  );
  chmodSync(file, 0o755);
}

beforeAll(() => {
  process.env["PATH"] = folder + delimiter + path;
});
afterAll(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true });
});

it.each([
  ["registry.example.com/group/project/postgres-17:1", "registry.example.com"],
  ["registry.example.com:5050/a@sha256:0", "registry.example.com:5050"],
  ["localhost/a", "localhost"],
  ["localhost:5000/", "localhost:5000"],
  ["mcuadros/ofelia:0.3.21", "docker.io"],
  ["debian", "docker.io"],
])("knows the registry of %s", (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

describe("the login at a registry", () => {
  it("is that of Docker's own configuration, whatever the form of its address", async () => {
    config({
      auths: {
        "https://registry.example.com/v2/": basic("ci:p:ass"),
        "other.example.com": { identitytoken: "T0KEN" },
        "https://index.docker.io/v1/": basic("me:hub"),
        "empty.example.com": {},
      },
    });
    expect(await registryLogin("registry.example.com", folder)).toEqual({
      serveraddress: "https://registry.example.com/v2/",
      username: "ci",
      password: "p:ass",
    });
    expect(await registryLogin("other.example.com", folder)).toEqual({
      serveraddress: "other.example.com",
      identitytoken: "T0KEN",
    });
    expect(await registryLogin("docker.io", folder)).toMatchObject({ username: "me" });
    expect(await registryLogin("empty.example.com", folder)).toBeUndefined();
    expect(await registryLogin("unknown.example.com", folder)).toBeUndefined();
  });

  it("is that of the helper that the configuration names, for one registry or for all", async () => {
    helper("one", "registry.example.com", { Username: "ci", Secret: "p" });
    helper("all", "other.example.com", { Username: "<token>", Secret: "T0KEN" });
    config({
      credHelpers: { "registry.example.com": "one" },
      credsStore: "all",
      auths: { "third.example.com": basic("a:b") },
    });
    expect(await registryLogin("registry.example.com", folder)).toEqual({
      serveraddress: "registry.example.com",
      username: "ci",
      password: "p",
    });
    expect(await registryLogin("other.example.com", folder)).toEqual({
      serveraddress: "other.example.com",
      identitytoken: "T0KEN",
    });
    // A helper without one fails, and the file may have it.
    expect(await registryLogin("third.example.com", folder)).toMatchObject({ username: "a" });
    expect(await registryLogin("unknown.example.com", folder)).toBeUndefined();
  });

  it("stays out of the error about a helper's broken answer", async () => {
    helper("broken", "registry.example.com", '{"Secret": S3cret');
    config({ credsStore: "broken" });
    await expect(registryLogin("registry.example.com", folder)).rejects.toThrow(
      /^The answer of docker-credential-broken must be JSON\.$/,
    );
  });

  it("starts no program by a name that is no helper's", async () => {
    config({ credsStore: "../../bin/sh -c" });
    expect(await registryLogin("registry.example.com", folder)).toBeUndefined();
  });

  it("is nothing without a configuration, and an error says which file is broken, not what is in it", async () => {
    rmSync(join(folder, "config.json"));
    expect(await registryLogin("registry.example.com", folder)).toBeUndefined();
    writeFileSync(join(folder, "config.json"), '{"auths": S3cret');
    await expect(registryLogin("registry.example.com", folder)).rejects.toThrow(
      `Docker's configuration ${join(folder, "config.json")} must be JSON.`,
    );
  });
});
