import type { ImageBuild } from "../../images/build/context";
import type * as Engine from "../engine/connect";
import type * as PushedImage from "../engine/pushedImage";
import type * as Logins from "../engine/registryLogin";
import type * as DockerodeStubs from "../patches/dockerodeStubs";
import { type Asked, foreignOnes, sentencesOf } from "./sentences";

/** Where a pipeline has pushed the images of ours: `laterbase:images`. */
export interface Place {
  registry: string;
  tag: string;
}

/** An image of ours as a stack declares it. */
export interface FromRegistry {
  /** Its name with the digest, or with the tag where nobody could say the digest. */
  pushed: string;
  /** Whether the name has a digest. */
  pinned: boolean;
}

/** What a registry has of a stack's images. */
export interface PushedImages<Images> {
  /** The images of ours, by what they run. */
  images: { [Role in keyof Images]?: FromRegistry };
  /** The registry, where Docker's own configuration has a login for it. */
  login?: string;
  /** What cannot work, a sentence each. */
  refused: string[];
  /** What nobody could say, a sentence each. */
  unknown: string[];
  /** What may not run on the stack's engine, a sentence each. Absent where nothing is in doubt. */
  doubtful?: string[];
}

/**
 * Each image of ours as the registry has it under the tag: by its digest, so that this content runs until another
 * `up` finds a different one. The engine asks, which is also what pulls.
 *
 * @param host the engine that asks
 * @param patienceMs how long it has to say what it is, after its answers about the images
 */
export async function pushedImages<Images extends object>(
  images: Images,
  { registry, tag }: Place,
  host: string | undefined,
  patienceMs = 15_000,
): Promise<PushedImages<Images>> {
  const { connect, pushedDigest, registryLogin, registryOf } = late();
  const engine = connect(host ? { host } : {});
  const server = registryOf(`${registry}/`);
  const login = await registryLogin(server);
  const own = Object.entries(images).filter((one): one is [string, ImageBuild] => "name" in one[1]);
  const asked = await Promise.all(
    own.map(async ([role, image]): Promise<Asked & { role: string }> => {
      const name = `${registry}/${image.name}`;
      return { role, name, found: await pushedDigest(engine, `${name}:${tag}`, login) };
    }),
  );
  const declared = asked.map(({ role, name, found }): [string, FromRegistry] => [
    role,
    "digest" in found
      ? { pushed: `${name}@${found.digest}`, pinned: true }
      : { pushed: `${name}:${tag}`, pinned: false },
  ]);
  const isSaid = asked.some(({ found }) => "digest" in found && found.architectures.length > 0);
  // Where the engine does not say it now, it has just answered all the same.
  // The types do not have this option. A request that nothing ends would keep the program from its end.
  const patience = { abortSignal: AbortSignal.timeout(patienceMs) } as object;
  const version = engine.version.bind(engine) as (options: object) => Promise<{ Arch: string }>;
  const { Arch } = isSaid ? await version(patience).catch(() => ({ Arch: "" })) : { Arch: "" };
  const doubtful = foreignOnes(asked, Arch);
  return {
    ...(doubtful.length > 0 ? { doubtful } : {}),
    images: Object.fromEntries(declared) as PushedImages<Images>["images"],
    ...(login ? { login: server } : {}),
    ...sentencesOf(asked, { server, tag, loggedIn: login !== undefined, host }),
  };
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS: every preview reads this file */
function late() {
  const { stubDockerode } = require("../patches/dockerodeStubs") as typeof DockerodeStubs;
  stubDockerode();
  const { connect } = require("../engine/connect") as typeof Engine;
  const { pushedDigest } = require("../engine/pushedImage") as typeof PushedImage;
  const { registryLogin, registryOf } = require("../engine/registryLogin") as typeof Logins;
  return { connect, pushedDigest, registryLogin, registryOf };
}
/* eslint-enable @typescript-eslint/no-require-imports */
