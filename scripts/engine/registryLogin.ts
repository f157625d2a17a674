import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** How an engine logs in at a registry. */
export type RegistryLogin = { serveraddress: string } & (
  | { username: string; password: string }
  | { identitytoken: string }
);

interface DockerConfig {
  auths?: Record<string, { auth?: string; identitytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

/** What Docker's own configuration calls Docker Hub. */
const hub = "https://index.docker.io/v1/";

/** The registry of an image's name. Without one it is Docker Hub. */
export function registryOf(image: string): string {
  const [first = "", ...others] = image.split("/");
  return others.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}

/**
 * The login at a registry as `docker login` has left it on this machine: in Docker's configuration, or in the
 * helper that it names. Undefined where there is none, or the helper has none.
 *
 * @throws Error where the configuration cannot be read
 */
export async function registryLogin(
  registry: string,
  folder = process.env["DOCKER_CONFIG"] || join(homedir(), ".docker"),
): Promise<RegistryLogin | undefined> {
  const config = await readConfig(join(folder, "config.json"));
  const address = registry === "docker.io" ? hub : registry;
  const helper = config.credHelpers?.[address] ?? config.credsStore;
  const login = helper && (await askHelper(helper, address));
  return login || inFile(config, registry === "docker.io" ? "index.docker.io" : registry);
}

async function readConfig(file: string): Promise<DockerConfig> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw new Error(`Docker's configuration ${file} cannot be read (${error.code}).`, {
      cause: error,
    });
  });
  return parsed(text, `Docker's configuration ${file}`) as DockerConfig;
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's words would repeat what is in it.
    throw new Error(`${what} must be JSON.`);
  }
}

function inFile({ auths = {} }: DockerConfig, registry: string): RegistryLogin | undefined {
  const found = Object.entries(auths).find(([address]) => hostOf(address) === registry);
  if (!found) return undefined;
  const [serveraddress, { auth = "", identitytoken }] = found;
  if (identitytoken) return { serveraddress, identitytoken };
  const text = Buffer.from(auth, "base64").toString();
  const colon = text.indexOf(":");
  if (colon < 1) return undefined;
  const password = text.slice(colon + 1).replace(/\0+$/, "");
  return { serveraddress, username: text.slice(0, colon), password };
}

const hostOf = (address: string) => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

/** Docker's protocol of helpers: the address on standard input, JSON on standard output. */
async function askHelper(name: string, address: string): Promise<RegistryLogin | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return undefined;
  const answer = await new Promise<string>((resolve) => {
    const helper = execFile(
      `docker-credential-${name}`,
      ["get"],
      { timeout: 30_000, env: process.env },
      // It fails where it has no login. The registry then says whether one is needed.
      (error, stdout) => resolve(error ? "" : stdout),
    );
    helper.stdin?.on("error", () => undefined);
    helper.stdin?.end(address);
  });
  if (answer === "") return undefined;
  const said = parsed(answer, `The answer of docker-credential-${name}`);
  const { Username = "", Secret = "" } = said as Record<string, string>;
  const serveraddress = address;
  // What a helper calls a token that stands for a login.
  if (Username === "<token>") return { serveraddress, identitytoken: Secret };
  return { serveraddress, username: Username, password: Secret };
}
