import type Docker from "dockerode";
import { execIn } from "./exec";
import { isFinal, parseStatus, Patience, type Status } from "./status";

const RESTARTS = 3;

/** A container that has ended, that ends again and again, or that waits for the operator. */
export class GaveUp extends Error {}

/**
 * Waits until a container of ours is healthy, and passes each change of its status to `say`.
 *
 * @throws Error with the container's own sentence, as soon as longer waiting makes no sense
 */
export async function untilReady(
  engine: Docker,
  name: string,
  say: (turn: string) => void,
  intervalMs = 500,
): Promise<void> {
  const container = engine.getContainer(name);
  const patience = new Patience();
  for (let said = ""; ; await sleep(intervalMs)) {
    const { State, RestartCount } = await container.inspect();
    // Between two restarts there is nothing to ask.
    const observed = State.Running && !State.Restarting ? await health(engine, name) : undefined;
    const line =
      observed &&
      `${observed.status.state}${observed.status.detail && `: ${observed.status.detail}`}`;
    if (line && line !== said) {
      say(line);
      said = line;
    }
    if (observed?.healthy) return;
    const gone = !State.Running && !State.Restarting;
    if (gone || RestartCount >= RESTARTS)
      throw new GaveUp(await lastWords(container, State.ExitCode));
    const reason = patience.exhausted(observed?.status, performance.now());
    if (reason) throw isFinal(observed?.status) ? new GaveUp(reason) : new Error(reason);
  }
}

/** The health check limits its own time. This one is for an engine that loses the end of a command. */
const limitMs = 60_000;

/** What the container's own health check says; undefined while it cannot be asked. */
async function health(
  engine: Docker,
  name: string,
): Promise<{ healthy: boolean; status: Status } | undefined> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const { code, stdout } = await execIn(engine, name, ["laterbase-health"], "", limit);
    const status = parseStatus(stdout);
    return status && { healthy: code === 0, status };
  } catch (error) {
    // 409: it is stopped or restarting. `inspect` says which at the next turn.
    if ((error as { statusCode?: number }).statusCode === 409 || limit.aborted) return undefined;
    throw error;
  }
}

/** For people: chooses words from the log and decides nothing. */
async function lastWords(container: Docker.Container, exitCode: number): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, tail: 30 });
  const ours = /laterbase: (?:failed: )?(.*)$/;
  const said = log.toString("utf8").trimEnd().split("\n");
  const sentence =
    said.findLast((line) => line.includes("laterbase: failed: ")) ?? said.at(-1) ?? "";
  return `it ended with exit code ${exitCode}: ${ours.exec(sentence)?.[1] ?? sentence}`;
}

// A loop and not p-retry: nothing has failed, and each turn reports what has changed.
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
