import dockerignore from "@balena/dockerignore";
import type Docker from "dockerode";
import { existsSync, readFileSync } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { Readable } from "node:stream";
import { pack, type Header, type Pack } from "tar-stream";
import { follow } from "./images";

/** The Dockerfile's name in the archive when it is outside the context. */
const OUTSIDE = ".laterbase.Dockerfile";

/** What an image is built from. */
export interface BuildOptions {
  context: string;
  /** Relative to the context. Default `Dockerfile`. */
  dockerfile?: string;
  buildArgs?: Record<string, string>;
  labels?: Record<string, string>;
  /** Whether each step runs again, also where the engine still has what it made the last time. */
  anew?: boolean;
}

/** Shows the current step of a build, and can stop it. */
export interface BuildWatch {
  status(message: string): void;
  signal: AbortSignal;
}

/** Builds an image with the engine's own builder. */
export async function buildImage(
  engine: Docker,
  name: string,
  build: BuildOptions,
  watch: BuildWatch,
): Promise<void> {
  const context = resolve(build.context);
  const dockerfile = relativeDockerfile(context, build.dockerfile || "Dockerfile");
  const output: string[] = [];
  try {
    const stream = await engine.buildImage(Readable.from(archive(context, dockerfile)), {
      t: name,
      dockerfile: dockerfile.outside ? OUTSIDE : dockerfile.path,
      buildargs: build.buildArgs,
      labels: build.labels,
      ...(build.anew ? { nocache: true } : {}),
      // Also removes the container of a failed step.
      forcerm: true,
      version: "1",
      abortSignal: watch.signal,
    });
    await follow(stream, (message) => {
      if (!message.stream) return;
      output.push(message.stream);
      if (message.stream.startsWith("Step ")) watch.status(message.stream.trim());
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const text = `Error running legacy build: ${reason}\n\n${output.join("")}`.trim();
    throw new Error(text, { cause: error });
  }
}

interface Dockerfile {
  path: string;
  outside: boolean;
}

function relativeDockerfile(context: string, path: string): Dockerfile {
  const absolute = isAbsolute(path) ? path : join(context, path);
  if (!existsSync(absolute)) throw new Error(`dockerfile not found at path: ${absolute}`);
  const inside = relative(context, absolute);
  return inside.startsWith("..")
    ? { path: absolute, outside: true }
    : { path: inside, outside: false };
}

/** The context as a tar stream, owned by root, without the files that .dockerignore excludes. */
export function archive(context: string, dockerfile: Dockerfile): Pack {
  const tar = pack();
  const ignored = ignoreRules(context, dockerfile);
  fill(tar, context, dockerfile, ignored).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return tar;
}

type Ignored = (path: string) => boolean;

function ignoreRules(context: string, dockerfile: Dockerfile): Ignored {
  let text: string;
  try {
    text = readFileSync(join(context, ".dockerignore"), "utf8");
  } catch {
    return () => false;
  }
  const rules = dockerignore({ ignorecase: false }).add(text);
  // The engine needs these two files even if the rules exclude them.
  const needed = new Set([dockerfile.path, ".dockerignore"]);
  return (path) => !needed.has(path) && rules.ignores(path);
}

async function fill(
  tar: Pack,
  context: string,
  dockerfile: Dockerfile,
  ignored: Ignored,
): Promise<void> {
  for await (const path of walk(context)) {
    if (!ignored(path)) await add(tar, path, join(context, path));
  }
  if (dockerfile.outside) await add(tar, OUTSIDE, dockerfile.path);
}

/** Every path below a directory; links are not followed. */
async function* walk(context: string, below = ""): AsyncGenerator<string> {
  const entries = await readdir(join(context, below), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(below, entry.name);
    yield path;
    if (entry.isDirectory()) yield* walk(context, path);
  }
}

async function add(tar: Pack, name: string, path: string): Promise<void> {
  const stat = await lstat(path);
  const header: Partial<Header> & { name: string } = {
    name,
    mode: stat.mode & 0o7777,
    mtime: stat.mtime,
    uid: 0,
    gid: 0,
  };
  if (stat.isDirectory()) tar.entry({ ...header, type: "directory" });
  else if (stat.isSymbolicLink()) {
    tar.entry({ ...header, type: "symlink", linkname: await readlink(path) });
  } else if (stat.isFile()) tar.entry(header, await readFile(path));
}
