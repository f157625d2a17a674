import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import { converse, type Said } from "./exec";

/** How old a container of a step is, in seconds, when nothing starts or removes it any more. */
const leftSeconds = 60;
const ofSteps = { "laterbase.role": "step" };

/**
 * Makes the container of a step, which the caller starts and removes. It also removes those that killed runs left,
 * because each one keeps its volumes from being removed: those that never started, and those that ended.
 */
export async function createStep(
  engine: Docker,
  options: Docker.ContainerCreateOptions,
): Promise<Docker.Container> {
  const made = await engine.createContainer({
    ...options,
    Healthcheck: { Test: ["NONE"] },
    Labels: ofSteps,
  });
  await removeLeft(engine, made.id).catch(() => undefined);
  return made;
}

/**
 * Starts the container of a step and waits until it has ended. It may be gone then.
 *
 * @param input its standard input. Default: none
 */
export async function outcomeOf(
  engine: Docker,
  container: Docker.Container,
  input?: string,
): Promise<Said> {
  const stdin = input !== undefined;
  const stream = await container.attach({
    ...{ stream: true, hijack: true, stdout: true, stderr: true },
    ...(stdin ? { stdin } : {}),
  });
  // Before the start: after it the container and its exit code may be gone.
  const exit = container.wait({ condition: "next-exit" }) as Promise<{ StatusCode: number }>;
  exit.catch(() => undefined);
  await container.start();
  const said = await converse(engine, stream as Duplex, input ?? "");
  return { code: (await exit).StatusCode, ...said };
}

async function removeLeft(engine: Docker, own: string): Promise<void> {
  const label = Object.entries(ofSteps).map(([key, value]) => `${key}=${value}`);
  const filters = { label, status: ["created", "exited", "dead"] };
  const all = await engine.listContainers({ all: true, filters });
  // The engine's clock may differ from ours.
  const now = all.find(({ Id }) => Id === own)?.Created ?? 0;
  const left = all.filter(({ Created }) => now - Created > leftSeconds);
  await Promise.all(
    left.map(({ Id }) =>
      engine
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => undefined),
    ),
  );
}
