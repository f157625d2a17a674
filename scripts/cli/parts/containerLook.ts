import type Dockerode from "dockerode";
import { parseStatus } from "../../engine/status";
import { noAnswer } from "../../engine/unreachable";
import type { Look } from "./look";
import type { Part } from "./part";

/** A container as the engine knows it, with what its health check said last. */
export interface ContainerLook extends Look {
  /** Its environment, which holds no secret. */
  env: Record<string, string>;
  startedAt?: string;
  image?: string;
}

/**
 * Looks at a container without running anything in it: its health check runs every few seconds anyway, and running it
 * once more in ten containers takes a second.
 */
export async function lookAtContainer(
  engine: Dockerode,
  part: Part,
  ms: number,
): Promise<ContainerLook> {
  const env = {};
  let seen: Dockerode.ContainerInspectInfo;
  try {
    seen = await inTime(engine.getContainer(part.container).inspect(), ms);
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode === 404) return { part, env, found: { kind: "missing" } };
    return { part, env, found: { kind: "unknown", why: noAnswer(error as Error) } };
  }
  const { State, Config } = seen;
  const known = {
    part,
    env: Object.fromEntries(
      (Config.Env ?? []).map((one) => one.split(/=(.*)/s, 2) as [string, string]),
    ),
    startedAt: State.StartedAt,
    image: Config.Image,
  };
  if (!State.Running || State.Restarting) {
    const { ExitCode: exitCode, OOMKilled, Error: why } = State;
    const found = {
      kind: "ended" as const,
      exitCode,
      restarting: State.Restarting,
      outOfMemory: OOMKilled,
      why,
    };
    return { ...known, found };
  }
  if (State.Paused) return { ...known, found: { kind: "frozen" } };
  const health = State.Health;
  const last = health?.Log?.at(-1);
  const status = last ? parseStatus(last.Output) : undefined;
  const healthy = last ? last.ExitCode === 0 : health?.Status === "healthy";
  return {
    ...{ ...known, found: { kind: "running" } },
    ...(health ? { health: { healthy, ...(status ? { status } : {}) } } : {}),
    ...(health?.Status === "starting" ? { young: true } : {}),
  };
}

/** An engine behind a dead network answers nothing, and a signal does not end every call. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
