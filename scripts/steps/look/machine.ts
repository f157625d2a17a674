import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";

/** The machine of an engine, as far as published ports and room concern it. */
export interface Machine {
  /** Its addresses of the same family. */
  addressesLike(address: string): string[];
  /** Whether a port could be published: a program may have it, or the address may be of no interface. */
  trial(address: string, port: number): Promise<"free" | "taken" | "elsewhere">;
  /** The bytes that are free where the engine keeps images and volumes. Undefined where nobody can tell. */
  free(folder: string): Promise<number | undefined>;
}

/**
 * Whether an engine's machine is this one. In a container it is not, although the engine's socket may be
 * mounted there.
 */
export function isThisMachine(host: string): boolean {
  const address = host || process.env["DOCKER_HOST"] || "unix://";
  const contained = existsSync("/.dockerenv") || existsSync("/run/.containerenv");
  return address.startsWith("unix://") && !contained;
}

/** This machine. A port is tried by listening on it for a moment. */
export const thisMachine: Machine = {
  addressesLike: (address) =>
    Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      // An address that is valid on one link alone cannot be tried without the name of the link.
      .filter((one) => sameFamily(one.address, address) && !/^fe80:/i.test(one.address))
      .map((one) => one.address),
  trial: (address, port) =>
    new Promise((resolve) => {
      const server = createServer();
      server.once("error", ({ code }: NodeJS.ErrnoException) => {
        if (code === "EADDRINUSE") return resolve("taken");
        // Another error, such as that of a port below 1024, says nothing about the engine, which is root.
        resolve(code === "EADDRNOTAVAIL" ? "elsewhere" : "free");
      });
      server.listen({ host: address, port, exclusive: true }, () =>
        server.close(() => resolve("free")),
      );
    }),
  // Docker Desktop keeps its folder in a virtual machine.
  free: (folder) =>
    statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    ),
};

/** What the script {@link machineScript} prints, as a machine. */
export function machineOf(said: string): Machine {
  const lines = said.split("\n").map((line) => line.trim().split(/\s+/));
  const value = (name: string) => lines.find(([word]) => word === name)?.slice(1) ?? [];
  const listening = lines
    .filter(([place = "", , , state]) => /^\d+:$/.test(place) && state === "0A")
    .map(([, local = ""]) => listener(local));
  const addresses = value("addresses");
  const [room = ""] = value("free");
  return {
    addressesLike: (address) => addresses.filter((one) => sameFamily(one, address)),
    trial: (address, port) => {
      const there = listening.filter((one) => one.port === port);
      const taken = there.some((one) => anywhere(one.address) || one.address === address);
      const local = /^127\.|^::1$/.test(address) || anywhere(address);
      const known = local || addresses.length === 0 || addresses.includes(address);
      return Promise.resolve(taken ? "taken" : known ? "free" : "elsewhere");
    },
    free: () => Promise.resolve(/^\d+$/.test(room) ? Number(room) : undefined),
  };
}

/** Prints the listening sockets of the machine's network, its addresses, and how much room is free. */
export const machineScript = `set -u
grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
echo "addresses $(hostname -I 2>/dev/null)"
echo "free $(df -B1 --output=avail / | tail -n 1)"`;

/** A socket as the kernel writes it: words of four bytes in the order of the processor, and the port. */
function listener(local: string): { address: string; port: number } {
  const [hex = "", port = ""] = local.split(":");
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  return { address: addressOf(bytes), port: Number.parseInt(port, 16) };
}

function addressOf(bytes: number[]): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.every((byte) => byte === 0)) return "::";
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16),
  );
  // As a URL writes it: the longest run of zeros is short.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

/** A socket on `::` also takes what comes by IPv4, unless its program says otherwise. */
const anywhere = (address: string) => address === "0.0.0.0" || address === "::";

const sameFamily = (one: string, other: string) => one.includes(":") === other.includes(":");
