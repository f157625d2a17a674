import { randomBytes } from "node:crypto";
import { Client, type ServerHostKeyAlgorithm } from "ssh2";
import type { Said } from "../engine/exec";

export interface SshTarget {
  host: string;
  port: number;
  user: string;
  privateKey: string;
  /** In the form of authorized_keys: `ssh-ed25519 AAAA…`. Another key is refused. */
  hostKey: string;
}

/** The machine was not reached, or did not let this login in: the script did not run. */
export class NoSshSession extends Error {
  constructor(
    message: string,
    /** Whether another attempt may work: it is the network's or the server's present state. */
    readonly passing: boolean,
  ) {
    super(message);
  }
}

/**
 * Runs a script by `bash -s -- <mode>` on the primary's own machine. The signal ends the connection; what runs
 * on the machine may go on.
 *
 * @param loginTimeout in milliseconds
 * @throws NoSshSession when the script did not run, Error when the connection was lost while it ran
 */
export function runBySsh(
  target: SshTarget,
  script: string,
  signal?: AbortSignal,
  mode = "apply",
  loginTimeout = 4500,
): Promise<Said> {
  const { host, port, user, privateKey, hostKey } = target;
  const [type = "", key = ""] = hostKey.trim().split(/\s+/);
  // A login shell may print a greeting, whatever it is started for. The script's own output begins here.
  const mark = `laterbase:${randomBytes(8).toString("hex")}`;
  const begin = `echo ${mark}; echo ${mark} >&2\n`;
  return new Promise((resolve, reject) => {
    const client = new Client();
    let stdout = "";
    let stderr = "";
    let code: number | undefined;
    let running = false;
    signal?.addEventListener("abort", () => client.destroy());
    client.on("error", (error: Error & { level?: string }) =>
      reject(running ? error : new NoSshSession(error.message, isPassing(error.level))),
    );
    client.on("close", () => {
      if (code !== undefined || signal?.aborted) {
        resolve({ code: code ?? 1, stdout: own(stdout, mark), stderr: own(stderr, mark) });
      } else if (running) reject(new Error("the connection was lost while the script ran"));
      else reject(new NoSshSession("the connection was closed", true));
    });
    client.on("ready", () =>
      client.exec(`bash -s -- ${mode}`, (error, channel) => {
        if (error) {
          client.end();
          return reject(new NoSshSession(error.message, false));
        }
        running = true;
        // A packet may end within a letter.
        channel.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        channel.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        // A signal ended it when there is no number.
        channel.on("exit", (number: number | null) => (code = number ?? 1));
        channel.on("close", () => client.end());
        channel.end(`${begin}${script}`);
      }),
    );
    try {
      client.connect({
        host,
        port,
        username: user,
        privateKey,
        readyTimeout: loginTimeout,
        // A machine that disappears while the script runs is noticed within a minute.
        keepaliveInterval: 15_000,
        keepaliveCountMax: 4,
        algorithms: { serverHostKey: algorithms(type) },
        hostVerifier: (offered: Buffer) => offered.toString("base64") === key,
      });
    } catch (error) {
      // A private key that cannot be read.
      reject(new NoSshSession((error as Error).message, false));
    }
  });
}

/** A refused login or another host key stays as it is. */
function isPassing(level: string | undefined): boolean {
  return level === "client-socket" || level === "client-timeout" || level === "client-dns";
}

/** What a script printed after its mark: everything, where it did not come to that. */
function own(text: string, mark: string): string {
  const at = text.indexOf(`${mark}\n`);
  return at < 0 ? text : text.slice(at + mark.length + 1);
}

/** Asks the server for the kind of key that the configuration names. */
function algorithms(type: string): ServerHostKeyAlgorithm[] {
  return type === "ssh-rsa"
    ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
    : [type as ServerHostKeyAlgorithm];
}
