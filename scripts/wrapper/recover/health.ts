import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { execIn } from "../../engine/exec";
import { parseStatus } from "../../engine/status";
import type { Inspected } from "./createOptions";

/** How a container is. */
export interface Condition {
  /**
   * `works`: its health check succeeds, or it has none and runs. `busy`: it does something that takes long,
   * such as a clone. `fails`: anything else.
   */
  verdict: "works" | "busy" | "fails";
  /** What it says itself, or what Docker says. Empty where it works. */
  said: string;
}

/** States of our servers that take long and in which nothing is wrong. */
const busy = ["cloning", "recloning", "verifying"];
const busyPhases = ["catching-up", "recovering"];

/** A check limits its own time. This is for an engine that loses the end of a command. */
const limitMs = 20_000;

/** Asks a container's own health check now, and does not wait for Docker's next one. */
export async function conditionOf(engine: Docker, name: string): Promise<Condition> {
  const info = await inspected(engine.getContainer(name));
  if (!info) return { verdict: "fails", said: "it does not exist" };
  const { State } = info;
  if (State.Restarting) return { verdict: "fails", said: "it starts and ends again and again" };
  if (!State.Running) return { verdict: "fails", said: State.Error || `it is ${State.Status}` };
  const words = checkOf(info);
  if (!words) return { verdict: "works", said: "" };
  try {
    const answer = await execIn(engine, name, words, "", AbortSignal.timeout(limitMs));
    const status = parseStatus(answer.stdout);
    if (answer.code === 0) return { verdict: "works", said: "" };
    if (!status) return { verdict: "fails", said: "its health check fails" };
    const takesLong = busy.includes(status.state) || busyPhases.includes(status.phase ?? "");
    return { verdict: takesLong ? "busy" : "fails", said: status.detail || status.state };
  } catch {
    return { verdict: "fails", said: "its health check cannot be run" };
  }
}

/** The command of a container's health check; undefined where it has none. */
export function checkOf({ Config }: Pick<Inspected, "Config">): string[] | undefined {
  const [kind, ...words] =
    (Config as { Healthcheck?: { Test?: string[] } }).Healthcheck?.Test ?? [];
  if (kind === "CMD") return words;
  if (kind === "CMD-SHELL") return ["/bin/sh", "-c", ...words];
  return undefined;
}

/** Waits until a container works or is busy, or until the time is over. */
export async function untilItWorks(
  engine: Docker,
  name: string,
  patienceMs: number,
): Promise<Condition> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const condition = await conditionOf(engine, name);
    if (condition.verdict !== "fails" || Date.now() >= end) return condition;
    await sleep(500);
  }
}

/** What `docker inspect` says; undefined where there is no such container. */
export async function inspected(container: Docker.Container): Promise<Inspected | undefined> {
  try {
    return await container.inspect();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}
