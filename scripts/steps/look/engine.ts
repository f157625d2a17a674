import type Docker from "dockerode";
import type { EngineLooks } from "../../../contract/looks";
import { connect } from "../../engine/connect";

/** A container of an engine. */
export interface Seen {
  name: string;
  running: boolean;
  /** The stack of ours that it belongs to, by its label. */
  stack?: string;
  /** Its role in that stack. */
  role?: string;
  /** The id of its image. */
  image: string;
  /** What it publishes now. */
  ports: { address: string; port: number }[];
}

/** An engine that has answered. */
export interface SeenEngine {
  /** What the stack wants of it. */
  wanted: EngineLooks;
  engine: Docker;
  /** The engine in words. */
  where: string;
  /** Every container there, running or not. */
  seen: Seen[];
}

/** How long an engine has for its first answer: one behind SSH has to let us in before. */
const patienceMs = (host: string) => (host.startsWith("ssh://") ? 2000 : 1000);

/** The engine in a sentence. */
export const inWords = (host: string) => (host ? `the engine ${host}` : "the local Docker engine");

/** Asks an engine for its containers. Undefined when it does not answer in time. */
export async function seeEngine(wanted: EngineLooks): Promise<SeenEngine | undefined> {
  const engine = connect(wanted.host ? { host: wanted.host } : {});
  const abortSignal = AbortSignal.timeout(patienceMs(wanted.host));
  try {
    const all = await engine.listContainers({ all: true, abortSignal });
    return { wanted, engine, where: inWords(wanted.host), seen: all.map(seen) };
  } catch {
    return undefined;
  }
}

function seen({ Names, State, Labels = {}, ImageID, Ports = [] }: Docker.ContainerInfo): Seen {
  const { "laterbase.stack": stack, "laterbase.role": role } = Labels;
  return {
    name: (Names[0] ?? "").replace(/^\//, ""),
    running: State === "running",
    ...(stack === undefined ? {} : { stack }),
    ...(role === undefined ? {} : { role }),
    image: ImageID,
    ports: Ports.filter(({ PublicPort, Type }) => PublicPort && Type !== "udp").map(
      ({ IP, PublicPort }) => ({ address: IP || "0.0.0.0", port: PublicPort }),
    ),
  };
}

/** The roles whose images are Debian with bash. */
const ours = ["primary", "agent", "pooler"];

/** The stack's containers with bash, on an engine. */
export function withBash({ wanted, seen }: SeenEngine, prefix: string, stack: string): Seen[] {
  const roles = [...ours, ...wanted.standbys.map(({ name }) => name)];
  return seen.filter(
    (one) =>
      one.stack === stack &&
      roles.includes(one.role ?? "") &&
      one.name === `${prefix}-${one.role ?? ""}`,
  );
}
