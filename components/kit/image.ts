import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

/** An image that is built on the engine. */
export interface ImageSource {
  /** Its name with a tag that is a hash of its content: a changed source is another image. */
  tag: string;
  /** The folder to build from, relative to the project. */
  context: string;
  /** The arguments of the build. The hash covers them. */
  buildArgs: Record<string, string>;
}

/** An image of ours that a pipeline has built and pushed, and that the engine pulls. */
export interface PushedImage {
  /** Its name with the digest of its content. Where a preview could not ask for that: with the tag. */
  pushed: string;
  /** Whether the name has a digest. Without one, what the stack has already is not compared. */
  pinned: boolean;
}

/** An image of ours. */
export type OwnImage = ImageSource | PushedImage;

/** An image that the engine pulls as its makers have published it. */
export interface PulledImage {
  /** Its name with a tag or digest. */
  pulled: string;
}

/** The image of a service: a stand-in of ours, or the one of its makers. */
export type ServiceImage = OwnImage | PulledImage;

/** What an engine calls an image. */
export function imageName(source: ServiceImage): string {
  if ("pulled" in source) return source.pulled;
  return "pushed" in source ? source.pushed : source.tag;
}

/** Whether it is an image of ours whose content nobody could say. */
export function isUnknown(source: ServiceImage): boolean {
  return "pushed" in source && !source.pinned;
}

/** An image on an engine, built or pulled. It stays when the stack is destroyed. */
export function engineImage(
  name: string,
  source: ServiceImage,
  provider: docker.Provider,
  opts: pulumi.CustomResourceOptions,
): docker.RemoteImage {
  const build =
    "context" in source
      ? { build: { context: source.context, buildArgs: source.buildArgs } }
      : undefined;
  const inputs = { name: imageName(source), ...build, keepLocally: true };
  // A preview that cannot know the content shows what the stack has, and not that every container is replaced.
  const unknown = isUnknown(source) ? { ignoreChanges: ["name"] } : {};
  return new docker.RemoteImage(name, inputs, { ...opts, ...unknown, provider });
}

/** @throws Error where the image of something that runs is not given */
export function needed<Source>(name: string, source: Source | undefined): Source {
  if (source === undefined) throw new Error(`\`images\` must name the image of ${name}`);
  return source;
}
