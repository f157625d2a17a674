import type Docker from "dockerode";
import { buildImage, type BuildOptions } from "../../engine/buildImage";
import { inspectImage } from "../../engine/images";
import type { Found, Props, ResourceKind } from "../protocol/provider";
import { diffFields, driftedInputs, set, unknownKeys, type Fields } from "./fields";
import { findImage, type LoginFor, noLogin } from "./images";
import { nameFailure } from "./network";

const FIELDS: Fields = {
  name: { replaces: true },
  keepLocally: {},
  forceRemove: {},
  pullTriggers: { replaces: true, normal: set },
  triggers: { replaces: true },
  build: {
    replaces: true,
    keys: ["context", "dockerfile", "buildArgs", "labels", "useLegacyBuilder"],
    normal: (build) => set([completed(build as Props)]),
  },
};

/**
 * `docker:index/remoteImage:RemoteImage`: built when `build` is given, else found locally or pulled. A
 * changed context is not detected: put its hash into the name or into a trigger.
 */
export function remoteImage(engine: () => Docker, login: LoginFor = noLogin): ResourceKind {
  return {
    inputs: Object.keys(FIELDS),
    check: (news) => ({
      inputs: news,
      failures: [...nameFailure(news), ...unknownKeys(FIELDS, news, "docker")],
    }),
    diff: (olds, news) => diffFields(FIELDS, olds, news),
    create: async (ctx, inputs) => {
      const name = inputs.name as string;
      const build = inputs.build as BuildOptions | undefined;
      if (build) await buildImage(engine(), name, build, ctx);
      const image = await findImage(engine(), ctx, name, login);
      return { id: image.Id + name, outputs: stateOf(image, inputs) };
    },
    read: (_ctx, _id, state, inputs) => read(engine(), state, inputs),
    update: async (ctx, _id, _olds, news) =>
      stateOf(await findImage(engine(), ctx, news.name as string, login), news),
    delete: async (_ctx, _id, state) => {
      if (state.keepLocally || !(await inspectImage(engine(), state.name as string))) return;
      await engine()
        .getImage(state.name as string)
        .remove({ force: state.forceRemove === true });
    },
  };
}

async function read(engine: Docker, state: Props, inputs: Props): Promise<Found | undefined> {
  const image = await inspectImage(engine, state.name as string);
  if (!image) return undefined;
  const outputs = stateOf(image, state);
  const id = image.Id + (state.name as string);
  return { id, inputs: driftedInputs(FIELDS, inputs, outputs), outputs };
}

/** A build with its defaults, as the official provider stores it in the state. */
function completed(build: Props): Props {
  return { dockerfile: "Dockerfile", remove: true, useLegacyBuilder: false, ...build };
}

function stateOf(image: Docker.ImageInspectInfo, state: Props): Props {
  return {
    ...state,
    ...(state.build ? { build: completed(state.build as Props) } : {}),
    imageId: image.Id,
    repoDigest: repoDigest(state.name as string, image.RepoDigests ?? []),
  };
}

/** The image's digest in the repository of this name. */
function repoDigest(name: string, digests: string[]): string {
  const repository = name.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const only = digests.length === 1 ? digests[0] : undefined;
  return digests.find((digest) => digest.split("@")[0] === repository) ?? only ?? "";
}
