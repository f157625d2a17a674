import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { CliError } from "../terminal/cliError";
import { NoSuchStack, pulumi } from "./pulumi";
import { writeWhole } from "./stackFile";

/** Where `new` keeps the passphrase of a stack whose user has none. scripts/setup/state.sh finds it there. */
export function passphraseFile(stack: string): string {
  const data = process.env["XDG_DATA_HOME"] || join(homedir(), ".local/share");
  return join(data, "laterbase/passphrases", stack);
}

/**
 * The passphrase that Pulumi will use.
 *
 * @returns the file that was made for it; undefined: the environment names one, or the backend needs none
 */
export function makePassphrase(stack: string, backend: string): string | undefined {
  const { env } = process;
  const given =
    env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  // Pulumi's own service keeps the keys of its stacks.
  if (given || /^https?:/.test(backend)) return undefined;
  const file = passphraseFile(stack);
  if (!existsSync(file)) {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    writeWhole(file, `${randomBytes(32).toString("base64")}\n`, 0o600);
  }
  env["PULUMI_CONFIG_PASSPHRASE_FILE"] = file;
  return file;
}

/** The URL of the backend that Pulumi is logged in to. */
export async function backendUrl(): Promise<string> {
  const what = "Where Pulumi keeps its state";
  const answer = await pulumi(["whoami", "--json"], what);
  return (JSON.parse(answer) as { url?: string }).url ?? "";
}

export async function stackExists(stack: string): Promise<boolean> {
  try {
    await pulumi(["stack", "export", "--stack", stack], `The state of stack ${stack}`);
    return true;
  } catch (error) {
    if (error instanceof NoSuchStack) return false;
    throw error;
  }
}

/** What Pulumi wrote into a stack file in addition to the configuration. */
export interface InitialisedStack {
  /** The keys of its secrets, such as `encryptionsalt`. */
  keys: Record<string, unknown>;
  /** The values of the secrets, encrypted: `{ secure: … }`. */
  secrets: unknown[];
  /** Removes the stack again. */
  remove(): Promise<void>;
}

/**
 * Makes the stack in the backend, and encrypts values for it. Pulumi writes a stack file for that, in a
 * folder of its own: the real one is written once, when everything is known.
 */
export async function initialise(
  stack: string,
  secrets: readonly string[],
): Promise<InitialisedStack> {
  const folder = mkdtempSync(join(tmpdir(), "laterbase-new-"));
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const run = (args: string[], input?: string) =>
    pulumi([...args, "--stack", stack], `The stack ${stack}`, {
      cwd: folder,
      verb: "made",
      ...(input === undefined ? {} : { input }),
    });
  const remove = async () => {
    mkdirSync(folder, { recursive: true });
    copyFileSync("Pulumi.yaml", join(folder, "Pulumi.yaml"));
    await run(["stack", "rm", "--yes", "--preserve-config"]).finally(() =>
      rmSync(folder, { recursive: true, force: true }),
    );
  };
  let made = false;
  try {
    copyFileSync("Pulumi.yaml", join(folder, "Pulumi.yaml"));
    await pulumi(["stack", "init", stack, "--no-select"], `The stack ${stack}`, {
      cwd: folder,
      verb: "made",
    });
    made = true;
    if (!existsSync(file)) writeFileSync(file, "config: {}\n");
    for (const [index, secret] of secrets.entries()) {
      const key = `laterbase:secret${index}`;
      await run(["config", "set", "--secret", key], secret);
    }
    const { config = {}, ...keys } = (parse(readFileSync(file, "utf8")) ?? {}) as {
      config?: Record<string, unknown>;
    };
    const encrypted = secrets.map((_, index) => config[`laterbase:secret${index}`]);
    if (encrypted.some((value) => !value)) {
      throw new CliError(`Pulumi encrypted no secret for the stack ${stack}.`);
    }
    return { keys, secrets: encrypted, remove };
  } catch (error) {
    if (made) await remove().catch(() => undefined);
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
