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

/** Runs a script by `bash -s` on the primary's own machine. */
export function runBySsh(
  target: SshTarget,
  script: string,
  signal?: AbortSignal,
  mode = "apply",
): Promise<Said> {
  const { host, port, user, privateKey, hostKey } = target;
  const [type = "", key = ""] = hostKey.trim().split(/\s+/);
  return new Promise((resolve, reject) => {
    const client = new Client();
    const said: Said = { code: 1, stdout: "", stderr: "" };
    signal?.addEventListener("abort", () => client.destroy());
    client.on("error", reject);
    client.on("close", () => resolve(said));
    client.on("ready", () =>
      client.exec(`bash -s -- ${mode}`, (error, channel) => {
        if (error) return reject(error);
        // A packet may end within a letter.
        channel.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
        channel.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
        channel.on("exit", (code: number | null) => (said.code = code ?? 1));
        channel.on("close", () => client.end());
        channel.end(script);
      }),
    );
    client.connect({
      host,
      port,
      username: user,
      privateKey,
      readyTimeout: 4500,
      algorithms: { serverHostKey: algorithms(type) },
      hostVerifier: (offered: Buffer) => offered.toString("base64") === key,
    });
  });
}

/** Asks the server for the kind of key that the configuration names. */
function algorithms(type: string): ServerHostKeyAlgorithm[] {
  return type === "ssh-rsa"
    ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
    : [type as ServerHostKeyAlgorithm];
}
