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

/** An image that the engine pulls. */
export interface PulledImage {
  /** Its name with a tag or digest. */
  pulled: string;
}

/** The image of a service: a stand-in that is built, or the one of its makers that is pulled. */
export type ServiceImage = ImageSource | PulledImage;

/** An image on an engine, built or pulled. It stays when the stack is destroyed. */
export function engineImage(
  name: string,
  source: ServiceImage,
  provider: docker.Provider,
  opts: pulumi.CustomResourceOptions,
): docker.RemoteImage {
  const inputs =
    "pulled" in source
      ? { name: source.pulled }
      : { name: source.tag, build: { context: source.context, buildArgs: source.buildArgs } };
  return new docker.RemoteImage(name, { ...inputs, keepLocally: true }, { ...opts, provider });
}

/** @throws Error where the image of something that runs is not given */
export function needed<Source>(name: string, source: Source | undefined): Source {
  if (source === undefined) throw new Error(`\`images\` must name the image of ${name}`);
  return source;
}
