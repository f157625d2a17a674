import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type * as Esbuild from "esbuild";
import { filesOf, type GeneratedImage, makeParent, project, sha256 } from "./context";
import { architectures, nodeFor, nodePackage } from "./nodePackage";

/** A TypeScript program of ours that an image runs. Paths are relative to the project. */
export interface Program {
  /** The image's name below `laterbase/`, also its context's below `.laterbase/`. */
  readonly name: string;
  readonly entry: string;
  /** The folders that its sources are in. */
  readonly sources: readonly string[];
  /** The folder with the Dockerfile and whatever else goes into the context. */
  readonly folder: string;
}

/**
 * An image of one TypeScript program: bundled into a single file, with a Node of its own, because
 * the one of an old Debian is too old. Only reads: the context is made by `makeContexts`.
 *
 * @param version what the tag says before its hash
 */
export function nodeImage(
  program: Program,
  version: string,
  buildArgs: Readonly<Record<string, string>>,
): GeneratedImage {
  const stamp = contentHash(program);
  const hash = sha256(stamp + JSON.stringify(Object.entries(buildArgs).sort()));
  return {
    name: program.name,
    tag: `laterbase/${program.name}:${version}-${hash.slice(0, 12)}`,
    // Git ignores this folder. The path is in the state, so it must not change.
    context: join(".laterbase", program.name),
    buildArgs,
    stamp,
    fill: (folder) => fill(program, folder),
  };
}

/** The hash is the same for every major, because all majors share one context. */
function contentHash(program: Program): string {
  const hash = createHash("sha256").update(program.entry);
  hash.update(JSON.stringify(architectures.map(nodeFor)));
  for (const file of hashedFiles(program)) {
    hash.update(`\0${relative(project, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** What the image is made of: a change in one of these files is another image. */
export function hashedFiles({ folder, sources }: Program): string[] {
  return [folder, ...sources, "package-lock.json"].flatMap((root) => filesOf(join(project, root)));
}

function fill({ entry, folder }: Program, context: string): void {
  const own = join(project, folder);
  for (const file of filesOf(own).filter((path) => !path.endsWith(".ts"))) {
    const target = join(context, relative(own, file));
    makeParent(target);
    copyFileSync(file, target);
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded by a build only
  const { buildSync } = require("esbuild") as typeof Esbuild;
  buildSync({ ...bundling(entry), outfile: join(context, "program.cjs") });
  for (const arch of architectures) {
    copyFileSync(nodePackage(arch), join(context, `node-${arch}.tgz`));
  }
}

/** How a program becomes a single file. */
export const bundling = (entry: string) =>
  ({
    entryPoints: [join(project, entry)],
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    minify: true,
    keepNames: true,
    external: ["pg-native", "cpu-features", "*.node"],
    logLevel: "warning",
  }) satisfies Esbuild.BuildOptions;
