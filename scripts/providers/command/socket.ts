import { connect, isIPv6, type Socket } from "node:net";
import { onAbort } from "./abort";
import type { Connection } from "./connection";

const REASONS: Record<string, string> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ECONNRESET: "connect: connection reset by peer",
  ETIMEDOUT: "connect: connection timed out",
};

type Address = Pick<Connection, "host" | "port" | "perDialTimeout">;

/** Opens a TCP connection, within the time limit of one dial. */
export function openSocket(address: Address, signal: AbortSignal): Promise<Socket> {
  const { host, perDialTimeout } = address;
  const port = Math.trunc(address.port);
  const where = `dial tcp ${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    let forget = () => {};
    const fail = (text: string) => {
      forget();
      socket.destroy();
      reject(new Error(text));
    };
    if (perDialTimeout > 0) socket.setTimeout(perDialTimeout * 1000);
    socket.once("timeout", () => fail(`${where}: i/o timeout`));
    socket.once("error", (error) => fail(reasonOf(where, host, error)));
    socket.once("connect", () => {
      forget();
      socket.setTimeout(0);
      socket.removeAllListeners();
      // Until the handshake starts, there is no other listener.
      socket.on("error", () => {});
      resolve(socket);
    });
    forget = onAbort(signal, () => fail("context canceled"));
  });
}

function reasonOf(where: string, host: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOTFOUND") return `dial tcp: lookup ${host}: no such host`;
  return `${where}: ${REASONS[error.code ?? ""] ?? error.message}`;
}
