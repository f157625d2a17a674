import type Docker from "dockerode";
import { follow, inspectImage } from "../../engine/images";
import type { RegistryLogin } from "../../engine/registryLogin";
import type { Context } from "../protocol/provider";
import { sentence } from "./errors";

/** The login with which an image is pulled. Undefined: none. */
export type LoginFor = (image: string) => Promise<RegistryLogin | undefined>;

/** For engines that pull from public registries only. */
export const noLogin: LoginFor = () => Promise.resolve(undefined);

/** The local image of this name; pulled when there is none. */
export async function findImage(
  engine: Docker,
  ctx: Context,
  name: string,
  login: LoginFor = noLogin,
) {
  const local = await inspectImage(engine, name);
  if (local) return local;
  await pull(engine, ctx, name, login).catch((error: unknown) => {
    throw new Error(`unable to pull image ${name}: ${sentence(error)}`);
  });
  const pulled = await inspectImage(engine, name);
  if (!pulled) throw new Error(`unable to find or pull image ${name}`);
  return pulled;
}

async function pull(engine: Docker, ctx: Context, name: string, login: LoginFor): Promise<void> {
  ctx.status(`pulling ${name}`);
  const auth = await login(name);
  const withLogin = auth ? { authconfig: auth } : {};
  const stream = await engine.pull(tagged(name), { abortSignal: ctx.signal, ...withLogin });
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
