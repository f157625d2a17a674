import type Docker from "dockerode";
import {
  PartialFailure,
  type Context,
  type Diff,
  type Existing,
  type Found,
  type Props,
  type ResourceKind,
} from "../protocol/provider";
import { containerFailures } from "./containerCheck";
import { CONTAINER_FIELDS } from "./containerFields";
import type { Upload } from "./containerInputs";
import { containerSpec, updatable } from "./containerSpec";
import { newState, readState } from "./containerState";
import { ignoring, notFound, sentence, statusOf } from "./errors";
import { diffFields, driftedInputs } from "./fields";
import { findImage, type LoginFor, noLogin } from "./images";
import { removeLeftover } from "./leftover";
import { awaitHealthy, runToEnd } from "./running";
import { uploadArchive } from "./uploads";

/** The inputs whose changes are applied to a running container. */
const APPLIED = [
  ...["restart", "maxRetryCount", "cpuShares"],
  ...["memory", "memoryReservation", "memorySwap"],
];

/** `docker:index/container:Container` on the engine that `engine` gives. */
export function container(engine: () => Docker, login: LoginFor = noLogin): ResourceKind {
  return {
    inputs: Object.keys(CONTAINER_FIELDS),
    check: (news) => ({ inputs: news, failures: containerFailures(news) }),
    diff: (olds, news) => {
      const decision = diffFields(CONTAINER_FIELDS, olds, news);
      return { ...withUnfinished(decision, olds.state, news), deleteBeforeReplace: true };
    },
    create: (ctx, inputs) => create(engine(), ctx, inputs, login),
    read: (_ctx, id, state, inputs) => read(engine(), id, state, inputs),
    update: (_ctx, id, olds, news) => update(engine(), id, olds, news),
    delete: (_ctx, id, state) => remove(engine(), id, state),
  };
}

/**
 * A container whose creation failed was never read back, so its state lacks the lists that the engine
 * fills in. The official provider sees them as changes and replaces the container.
 */
function withUnfinished(decision: Diff, state: Props, news: Props): Diff {
  if (state.networkDatas !== undefined) return decision;
  const missing = ["command", "entrypoints"].filter((key) => news[key] === undefined);
  return {
    changes: true,
    diffs: [...new Set([...decision.diffs, ...missing, "networkDatas"])],
    replaces: [...new Set([...decision.replaces, ...missing])],
  };
}

async function create(engine: Docker, ctx: Context, inputs: Props, login: LoginFor) {
  const image = inputs.image as string;
  await findImage(engine, ctx, image, login).catch((error: unknown) => {
    throw new Error(`Unable to create container with image ${image}: ${sentence(error)}`);
  });
  const made = await createNamed(engine, inputs).catch((error: unknown) => {
    throw new Error(`Unable to create container: ${sentence(error)}`);
  });
  const state = newState(inputs);
  try {
    await connectNetworks(engine, made.id, inputs);
    await upload(made, inputs);
    Object.assign(state, await run(made, ctx, state));
    const found = await read(engine, made.id, state, inputs);
    // A container that removes itself may already be gone; its creation still succeeded.
    return { id: made.id, outputs: found?.outputs ?? { ...state, networkDatas: [] } };
  } catch (error) {
    // The container exists, so it must be in the state: the next update replaces it, a destroy removes it.
    throw new PartialFailure(made.id, state, [sentence(error)]);
  }
}

/** A run that was killed, or that failed, may have left a container of this name. */
async function createNamed(engine: Docker, inputs: Props): Promise<Docker.Container> {
  const spec = containerSpec(inputs);
  try {
    return await engine.createContainer(spec);
  } catch (error) {
    if (statusOf(error) !== 409 || !(await removeLeftover(engine, inputs))) throw error;
    return engine.createContainer(spec);
  }
}

/** Replaces the default network by the wanted ones, before the start. */
async function connectNetworks(engine: Docker, id: string, inputs: Props): Promise<void> {
  const wanted = (inputs.networksAdvanced ?? []) as { name: string; aliases?: string[] }[];
  if (wanted.length === 0) return;
  await engine.getNetwork("bridge").disconnect({ Container: id });
  for (const { name, aliases } of wanted) {
    const EndpointConfig = { Aliases: aliases } as Docker.EndpointSettings;
    await engine.getNetwork(name).connect({ Container: id, EndpointConfig });
  }
}

async function upload(made: Docker.Container, inputs: Props): Promise<void> {
  const uploads = (inputs.uploads ?? []) as Upload[];
  if (uploads.length > 0) await made.putArchive(await uploadArchive(uploads), { path: "/" });
}

async function run(made: Docker.Container, ctx: Context, state: Props): Promise<Props> {
  if (state.attach) return runToEnd(made, ctx, state);
  if (!state.start) return {};
  await made.start();
  if (state.wait) await awaitHealthy(made, ctx, state.waitTimeout as number);
  return {};
}

async function read(
  engine: Docker,
  id: string,
  state: Props,
  inputs: Props,
): Promise<Found | undefined> {
  const info = await engine.getContainer(id).inspect().catch(notFound);
  if (!info) return undefined;
  const outputs = readState(info, state);
  return { id: info.Id, inputs: driftedInputs(CONTAINER_FIELDS, inputs, outputs), outputs };
}

async function update(engine: Docker, id: string, olds: Existing, news: Props): Promise<Props> {
  const living = engine.getContainer(id);
  const { diffs } = diffFields(CONTAINER_FIELDS, olds, news);
  const next = newState(news);
  if (diffs.includes("mustRun") && next.mustRun && next.start) {
    await living.start().catch(ignoring(304));
  }
  if (diffs.some((key) => APPLIED.includes(key))) {
    await living.update({
      ...updatable(next),
      RestartPolicy: { Name: next.restart, MaximumRetryCount: next.maxRetryCount ?? 0 },
    });
  }
  const found = await read(engine, id, { ...olds.state, ...next }, news);
  return found?.outputs ?? { ...olds.state, ...next };
}

async function remove(engine: Docker, id: string, state: Props): Promise<void> {
  const living = engine.getContainer(id);
  if (!state.attach) {
    // Without destroyGraceSeconds it is killed at once, whatever stopTimeout says.
    const t = (state.destroyGraceSeconds as number | undefined) ?? 0;
    await living.stop({ t }).catch(ignoring(304, 404));
  }
  await living.remove({ v: state.removeVolumes !== false, force: true }).catch(ignoring(404, 409));
  const condition = state.rm ? "removed" : "not-running";
  await living.wait({ condition }).catch(ignoring(404, 409));
}
