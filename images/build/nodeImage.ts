import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative, resolve } from "node:path";
import type * as Esbuild from "esbuild";
import node from "./node.json";
import type { ImageBuild } from "./postgres";

const project = resolve(__dirname, "../..");
/** Out of git's sight; the state knows the contexts by this path. */
const workshop = ".laterbase";

export interface NodeImageArgs {
  /** The image's name below `laterbase/`, also its context's below `.laterbase/`. */
  name: string;
  /** What the tag says before its hash. */
  version: string;
  /** The program's entry, and the folders that its sources are in, relative to the project. */
  entry: string;
  sources: readonly string[];
  /** The folder with the Dockerfile and whatever else goes into the context. */
  folder: string;
  buildArgs: Readonly<Record<string, string>>;
}

/**
 * An image of one TypeScript program: bundled into a single file, with a Node of its own, because
 * the one of an old Debian is too old. The context is made when its content changed; a preview
 * that changes nothing only reads the sources.
 *
 * @throws Error when npm cannot get Node's package
 */
export function nodeImage(args: NodeImageArgs): ImageBuild {
  const { name, version, buildArgs } = args;
  const content = contentHash(args);
  const context = join(workshop, name);
  if (stampOf(context) !== content) makeContext(args, content);
  const hash = sha256(content + JSON.stringify(Object.entries(buildArgs).sort()));
  return { tag: `laterbase/${name}:${version}-${hash.slice(0, 12)}`, context, buildArgs };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function stampOf(context: string): string | undefined {
  const stamp = join(project, context, "stamp");
  return existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined;
}

/** The same for every major: one context serves all. */
function contentHash({ entry, sources, folder }: NodeImageArgs): string {
  const hash = createHash("sha256").update(entry);
  for (const root of [folder, ...sources, "images/build/node.json", "package-lock.json"]) {
    for (const file of filesOf(join(project, root))) {
      hash.update(`\0${relative(project, file)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest("hex");
}

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** Made beside and renamed: a build never meets half a context. */
function makeContext({ name, entry, folder }: NodeImageArgs, hash: string): void {
  const context = join(project, workshop, name);
  const fresh = `${context}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const file of filesOf(join(project, folder)).filter((path) => !path.endsWith(".ts"))) {
    const target = join(fresh, relative(join(project, folder), file));
    mkdirSync(join(target, ".."), { recursive: true });
    copyFileSync(file, target);
  }
  bundle(join(project, entry), join(fresh, "program.cjs"));
  for (const arch of Object.keys(node.integrity) as Arch[]) {
    copyFileSync(nodePackage(arch), join(fresh, `node-${arch}.tgz`));
  }
  writeFileSync(join(fresh, "stamp"), hash);
  rmSync(context, { recursive: true, force: true });
  try {
    renameSync(fresh, context);
  } catch (error) {
    // Another run has just made the same.
    rmSync(fresh, { recursive: true, force: true });
    if (stampOf(join(workshop, name)) !== hash) throw error;
  }
}

function bundle(entry: string, outfile: string): void {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- not loaded by a preview that changes nothing
  const { buildSync } = require("esbuild") as typeof Esbuild;
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    minify: true,
    keepNames: true,
    external: ["pg-native", "cpu-features", "*.node"],
    logLevel: "warning",
  });
}

type Arch = keyof typeof node.integrity;

/** Node as npm's registry has it for Linux, by the name that Debian gives the architecture. */
function nodePackage(arch: Arch): string {
  const name = `node-linux-${arch === "amd64" ? "x64" : arch}`;
  const folder = join(project, "node_modules/.cache/laterbase");
  const file = join(folder, `${name}-${node.version}.tgz`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, String(process.pid));
  mkdirSync(fresh, { recursive: true });
  try {
    const pack = ["pack", `${name}@${node.version}`, "--silent", "--pack-destination", fresh];
    execFileSync("npm", pack, { cwd: project, stdio: ["ignore", "ignore", "pipe"] });
    const packed = join(fresh, `${name}-${node.version}.tgz`);
    const sum = createHash("sha512").update(readFileSync(packed)).digest("base64");
    if (`sha512-${sum}` !== node.integrity[arch])
      throw new Error("it is not the one that is pinned");
    renameSync(packed, file);
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
    const what = `Node ${node.version} for ${arch} could not be had from npm's registry`;
    throw new Error(`${what}: ${why}`, { cause: error });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return file;
}
