import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const project = resolve(__dirname, "../..");

/** Everything that a build of one image needs; `context` is relative to the project. */
export interface ImageBuild {
  /** What a registry calls it, below the project's path: the same for every content of it. */
  readonly name: string;
  readonly tag: string;
  readonly context: string;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** An image whose context is not in the checkout. It is made before a build. */
export interface GeneratedImage extends ImageBuild {
  /** Names the context's content: a context with this stamp is not made again. */
  readonly stamp: string;
  /** Writes the context's content into an empty folder. */
  readonly fill: (folder: string) => void;
}

/**
 * Makes the contexts that are missing or out of date, and leaves every other image alone. For an
 * update, or a build of our own: a preview does not call it, because a preview writes nothing.
 *
 * @throws Error when npm cannot get Node's package
 */
export function makeContexts(images: readonly object[]): void {
  for (const image of images) if (isGenerated(image)) makeContext(image);
}

const isGenerated = (image: object): image is GeneratedImage => "fill" in image;

/** Made beside and renamed: a build never reads half a context. */
function makeContext({ context, stamp, fill }: GeneratedImage): void {
  const folder = join(project, context);
  if (stampOf(folder) === stamp) return;
  const fresh = `${folder}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  try {
    fill(fresh);
    writeFileSync(join(fresh, "stamp"), stamp);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    // Another run may have made the same in the meantime.
    if (stampOf(folder) !== stamp) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function stampOf(folder: string): string | undefined {
  const file = join(folder, "stamp");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Twelve hex digits over names and contents of a folder's files, and the build's arguments. */
export function contextHash(folder: string, buildArgs: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256").update(JSON.stringify(Object.entries(buildArgs).sort()));
  for (const file of filesOf(folder)) {
    // Modes stay out of it: a checkout may lose them, and the Dockerfile sets its own.
    hash.update(`\0${relative(folder, file)}\0${sha256(readFileSync(file))}`);
  }
  return hash.digest("hex").slice(0, 12);
}

export const sha256 = (content: string | Buffer): string =>
  createHash("sha256").update(content).digest("hex");

/** The files in a folder, sorted; a file is itself. */
export function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** Makes the folders above a file. */
export const makeParent = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true });
};
