import type Docker from "dockerode";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context, Props } from "../protocol/provider";

/** Waits until the container's health check succeeds. An unhealthy container can still become healthy. */
export async function awaitHealthy(
  made: Docker.Container,
  ctx: Context,
  seconds: number,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  // Not p-retry: each turn reports the status, and a container that is not healthy yet is no failure.
  while (performance.now() < end) {
    const { State: state } = await made.inspect();
    if (!state.Health) {
      throw new Error("wait is given, but the container has no health check: add a healthcheck");
    }
    if (state.Health.Status === "healthy") return;
    ctx.status(`waiting for the container to be healthy (${state.Health.Status})`);
    await sleep(500, undefined, { signal: ctx.signal });
  }
  throw new Error("container failed to be in healthy state");
}

/** Starts the container, waits for its end, and returns its output if `logs` is set. */
export async function runToEnd(made: Docker.Container, ctx: Context, state: Props): Promise<Props> {
  // Asked before the start: a container that removes itself may be gone afterwards.
  const ended = state.rm ? made.wait({ condition: "next-exit" }) : undefined;
  if (state.start) await made.start();
  const logs = state.logs ? await collectLogs(made, ctx) : undefined;
  await (ended ?? made.wait({ condition: "not-running" }));
  return logs === undefined ? {} : { containerLogs: logs };
}

/** A method of dockerode's connection that its typings lack. */
interface Modem {
  demuxStream(raw: NodeJS.ReadableStream, out: PassThrough, err: PassThrough): void;
}

async function collectLogs(made: Docker.Container, ctx: Context): Promise<string> {
  const raw = await made.logs({
    follow: true,
    stdout: true,
    stderr: true,
    abortSignal: ctx.signal,
  });
  const text = new PassThrough();
  (made.modem as Modem).demuxStream(raw, text, text);
  raw.on("end", () => text.end());
  const chunks: Buffer[] = [];
  for await (const chunk of text) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
