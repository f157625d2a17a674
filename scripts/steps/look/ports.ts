import type { ContainerLook, PortLook } from "../../../contract/looks";
import { quoted } from "../../../contract/quoting";
import type { Seen } from "./engine";
import type { Machine } from "./machine";

/** What the ports and names of a stack are compared with. */
export interface Neighbours {
  /** The stack's name. */
  stack: string;
  /** What the names of its containers begin with. */
  prefix: string;
  /** Every container of the engine. */
  seen: readonly Seen[];
  /** The engine in words, such as `the local Docker engine`. */
  where: string;
  /** The engine's machine. Undefined where nothing can look at it: only containers are compared then. */
  machine?: Machine | undefined;
}

/** A sentence for each port that something else has, and each address that the machine does not have. */
export async function portsTaken(
  wanted: readonly PortLook[],
  neighbours: Neighbours,
): Promise<string[]> {
  const found = await Promise.all(wanted.map((one) => portTaken(one, wanted, neighbours)));
  return found.filter((sentence) => sentence !== undefined);
}

async function portTaken(
  one: PortLook,
  wanted: readonly PortLook[],
  neighbours: Neighbours,
): Promise<string | undefined> {
  const { seen, where, machine } = neighbours;
  const has = async (holder: string) => {
    const free = await freePort(one, wanted, neighbours);
    const suggested = free === undefined ? "" : `, such as ${free}`;
    return (
      `${one.key} must be a port that is free on ${one.address} of ${where}${suggested}; ` +
      `it is ${one.port}, which ${holder}`
    );
  };
  const other = seen.find(
    ({ name, ports }) => name !== one.container && ports.some((port) => overlap(port, one)),
  );
  if (other) return has(holderOf(other, neighbours));
  if (!machine) return undefined;
  const own = seen.find(({ name }) => name === one.container)?.ports ?? [];
  const addresses = isAny(one.address) ? machine.addressesLike(one.address) : [one.address];
  for (const address of addresses) {
    // The container itself listens there: it keeps its port.
    if (own.some((port) => overlap(port, { ...one, address }))) continue;
    const found = await machine.trial(address, one.port);
    if (found === "taken") return has("another program there has");
    if (found === "elsewhere" && !isAny(one.address)) {
      const some = machine.addressesLike(one.address).join(", ");
      return (
        `${one.addressKey} must be an address of the machine of ${where}, such as ` +
        `${one.address.includes(":") ? "::1" : "127.0.0.1"} or 0.0.0.0` +
        `${some && ` (it has ${some})`}; it is ${one.address}`
      );
    }
  }
  return undefined;
}

function holderOf({ name, stack }: Seen, { stack: own, prefix }: Neighbours): string {
  const container = `the container ${quoted(name)}`;
  if (stack === own && name.startsWith(`${prefix}-`)) {
    return `${container} of this stack has until this \`up\` has moved or removed it`;
  }
  return stack === undefined
    ? `${container} has`
    : `${container} of the stack ${quoted(stack)} has`;
}

/** The next port after one that nothing has or will have. */
async function freePort(
  one: PortLook,
  wanted: readonly PortLook[],
  { seen, machine }: Neighbours,
): Promise<number | undefined> {
  for (let port = one.port + 1; port <= Math.min(one.port + 200, 65535); port++) {
    const next = { address: one.address, port };
    if (wanted.some((other) => overlap(other, next))) continue;
    if (seen.some(({ ports }) => ports.some((other) => overlap(other, next)))) continue;
    if (machine && (await machine.trial(one.address, port)) !== "free") continue;
    return port;
  }
  return undefined;
}

/** A sentence for each name that a container has which is not this stack's. */
export function namesTaken(
  wanted: readonly ContainerLook[],
  { stack, seen, where }: Neighbours,
): string[] {
  return wanted.flatMap(({ key, name }) => {
    const other = seen.find((one) => one.name === name);
    if (!other || other.stack === stack) return [];
    return [
      `${key} needs the name ${name} on ${where}, which a container has that is not this stack's; ` +
        `rename that one: docker rename ${name} ${name}-old`,
    ];
  });
}

interface Published {
  address: string;
  port: number;
}

function overlap(one: Published, other: Published): boolean {
  if (one.port !== other.port) return false;
  return one.address === other.address || isAny(one.address) || isAny(other.address);
}

const isAny = (address: string): boolean => address === "0.0.0.0" || address === "::";
