import type { Socket } from "node:net";
import type { Client, ConnectConfig } from "ssh2";
import { onAbort } from "./abort";
import type { Authentication } from "./authentication";
import type { HostKey } from "./hostKey";

/** The official plugin has no limit here; a host that stops in between should count as an error. */
const HANDSHAKE_MS = 60_000;

/** Exchanges keys and logs in. If a host key is given, the host must show it. */
export async function handshake(
  sock: Socket,
  username: string,
  hostKey: HostKey | undefined,
  authentication: Authentication,
  signal: AbortSignal,
): Promise<Client> {
  // Loaded only when needed: most runs of the plugin open no connection.
  const { default: ssh2 } = await import("ssh2");
  const client = new ssh2.Client();
  const attempt = authentication.attempt();
  let wrongKey = false;
  const config: ConnectConfig = {
    sock,
    username,
    authHandler: (left: string[] | null) => attempt.next(left),
    readyTimeout: HANDSHAKE_MS,
    // A host that disappears while a command runs is noticed within five minutes.
    keepaliveInterval: 30_000,
    keepaliveCountMax: 10,
    ...(hostKey && {
      algorithms: { serverHostKey: hostKey.algorithms as never },
      hostVerifier: (key: Buffer) => !(wrongKey = !key.equals(hostKey.key)),
    }),
  };
  let forget = () => {};
  try {
    await new Promise((resolve, reject) => {
      forget = onAbort(signal, () => reject(new Error("context canceled")));
      client.once("ready", () => resolve(undefined));
      client.on("error", reject);
      client.once("close", () => reject(new Error("EOF")));
      client.connect(config);
    });
    return client;
  } catch (error) {
    client.destroy();
    const { message, level } = error as Error & { level?: string };
    if (wrongKey) throw handshakeError("ssh: host key mismatch");
    if (level === "client-authentication") throw handshakeError(attempt.text());
    // Chooses the words only, because it is an error either way; ssh2 gives this failure no code of its own.
    if (hostKey && /no matching host key format/.test(message)) {
      throw handshakeError(
        `ssh: no common algorithm for host key; we offered: [${hostKey.algorithms.join(" ")}]`,
      );
    }
    throw handshakeError(message);
  } finally {
    forget();
  }
}

function handshakeError(text: string): Error {
  return new Error(`ssh: handshake failed: ${text}`);
}
