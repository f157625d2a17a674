import { networkInterfaces } from "node:os";
import { createSocket } from "node:dgram";
import type { Document } from "yaml";

/** What the operator said on the command line, by the option's name. */
export interface Given {
  host?: string;
  port?: number;
  major?: number;
  databases?: string[];
  superuser?: string;
  allowFrom?: string[];
  email?: string;
}

/** A value that an example cannot know. */
export interface OpenValue {
  option: keyof Given;
  /** The option, as the operator types it. */
  flag: string;
  path: readonly string[];
  /** What is asked where there is a terminal. Absent: it is not asked, the example's value stays. */
  question?: string;
  /** Whether the example's value is an answer too. Otherwise it stands for something unknown. */
  hasDefault: boolean;
  /** What was typed, as the value of the key. Default: the text itself. */
  read?: (text: string) => unknown;
}

const list = (text: string) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);

const all: readonly OpenValue[] = [
  {
    option: "host",
    flag: "--host <address>",
    path: ["laterbase:primary", "host"],
    question: "The address or name of your PostgreSQL server, such as 192.168.1.20: ",
    hasDefault: false,
  },
  {
    option: "port",
    flag: "--port <number>",
    path: ["laterbase:primary", "port"],
    hasDefault: true,
  },
  {
    option: "major",
    flag: "--major <number>",
    path: ["laterbase:primary", "version"],
    hasDefault: true,
  },
  {
    option: "superuser",
    flag: "--superuser <role>",
    path: ["laterbase:primary", "superuser", "name"],
    hasDefault: true,
  },
  {
    option: "databases",
    flag: "--databases <names>",
    path: ["laterbase:primary", "databases"],
    question: "Its databases, with commas between them",
    hasDefault: true,
    read: list,
  },
  {
    option: "allowFrom",
    flag: "--allow-from <networks>",
    path: ["laterbase:primary", "allowFrom"],
    hasDefault: true,
  },
  {
    option: "email",
    flag: "--email <address>",
    path: ["laterbase:pgAdmin", "email"],
    question: "Your e-mail address, with which you log in to pgAdmin",
    hasDefault: true,
  },
];

/** The values that an example leaves open. What a managed primary is, the example says itself. */
export function openValues(document: Document): OpenValue[] {
  const external = document.getIn(["config", "laterbase:primary", "kind"]) === "external";
  return all.filter(
    ({ path }) =>
      document.hasIn(["config", ...path]) && (external || path[0] !== "laterbase:primary"),
  );
}

/** Whether the example's primary has a superuser whose password only the operator knows. */
export function needsPassword(document: Document): boolean {
  const primary = (...path: string[]) => ["config", "laterbase:primary", ...path];
  const bySudo =
    document.getIn(primary("access", "kind")) === "ssh" &&
    Boolean(document.getIn(primary("access", "sudo")));
  return (
    document.getIn(primary("kind")) === "external" &&
    !document.hasIn(primary("superuser", "password")) &&
    !bySudo
  );
}

/**
 * The network that this machine reaches a host from, such as 192.168.1.0/24: the standbys of a local
 * engine connect from it. Undefined where that cannot be told. Nothing is sent.
 */
export async function networkToward(host: string): Promise<string | undefined> {
  const address = await sourceAddress(host);
  if (address === undefined || address.startsWith("127.") || address === "::1") return undefined;
  const found = Object.values(networkInterfaces())
    .flatMap((one) => one ?? [])
    .find((one) => one.address === address);
  return found?.cidr ? networkOf(found.cidr) : undefined;
}

/** The address of this machine from which the system would send to a host. */
function sourceAddress(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
    const done = (address?: string) => {
      socket.close();
      resolve(address);
    };
    socket.on("error", () => done());
    // To connect a datagram socket sends nothing.
    socket.connect(5432, host, () => done(socket.address().address));
  });
}

/** `192.168.1.23/24` as `192.168.1.0/24`. Undefined for IPv6, whose networks are not written so simply. */
export function networkOf(cidr: string): string | undefined {
  const [address = "", bits = ""] = cidr.split("/");
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  const number = parts.reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(number / size) * size;
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join(".")}/${bits}`;
}
