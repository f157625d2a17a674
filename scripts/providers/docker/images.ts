import type Docker from "dockerode";
import { follow, inspectImage } from "../../engine/images";
import type { Context } from "../protocol/provider";
import { sentence } from "./errors";

/** The local image of this name; pulled when there is none. */
export async function findImage(engine: Docker, ctx: Context, name: string) {
  const local = await inspectImage(engine, name);
  if (local) return local;
  await pull(engine, ctx, name).catch((error: unknown) => {
    throw new Error(`unable to pull image ${name}: ${sentence(error)}`);
  });
  const pulled = await inspectImage(engine, name);
  if (!pulled) throw new Error(`unable to find or pull image ${name}`);
  return pulled;
}

async function pull(engine: Docker, ctx: Context, name: string): Promise<void> {
  ctx.status(`pulling ${name}`);
  const stream = await engine.pull(tagged(name), { abortSignal: ctx.signal });
  const layers = new Map<string, boolean>();
  await follow(stream, ({ id, status = "" }) => {
    if (!id || status.startsWith("Pulling from")) return;
    // Progress only, and nothing is decided by it: the engine gives no code for the end of a layer.
    layers.set(id, /^(Pull complete|Already exists)/.test(status));
    const done = [...layers.values()].filter(Boolean).length;
    ctx.status(`pulling ${name}: ${done} of ${layers.size} layers`);
  });
}

/** Without a tag the engine would pull all tags. */
function tagged(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return last.includes(":") || last.includes("@") ? name : `${name}:latest`;
}
