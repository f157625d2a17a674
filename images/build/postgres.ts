import { appendFileSync, copyFileSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import {
  contextHash,
  filesOf,
  type GeneratedImage,
  type ImageBuild,
  makeParent,
  sha256,
} from "./context";

/** Debian suites that our images stand on. */
export type Suite = "bullseye" | "bookworm" | "trixie";

/** Majors that an image can be built for; 14, 16 and 18 need PGDG at build time. */
export const majors = [13, 14, 15, 16, 17, 18] as const;

const context = "images/postgres";
const extensionsFolder = join(__dirname, "../extensions");

const digests: Record<Suite, string> = {
  bullseye: "sha256:f313b4bd62667092a59b3a664d7d3ab8b5e65f41675f48e81455a15dc5abe792",
  bookworm: "sha256:7c7b2c966bc9ee8cedfeef67e0e279108992c77681fa595db4a9d65c06ccc587",
  trixie: "sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f",
};

/**
 * The suite of a major. It never changes: glibc comes with the suite, and another glibc under old
 * data means another order in every text index.
 */
export function suiteOf(major: number): Suite {
  switch (major) {
    case 13:
    case 14:
      return "bullseye";
    case 15:
    case 16:
      return "bookworm";
    case 17:
    case 18:
      return "trixie";
    default:
      throw new Error(
        `There is no image for PostgreSQL ${major}: choose one of ${majors.join(", ")}.`,
      );
  }
}

/** The image that ours stands on: Debian's by digest, or the one that set-up imported. */
export function baseImage(major: number): string {
  const suite = suiteOf(major);
  const imported = process.env["LATERBASE_BASE_REPOSITORY"];
  return imported ? `${imported}:${suite}` : `debian:${suite}-slim@${digests[suite]}`;
}

/**
 * The PostgreSQL image of a major. The tag changes exactly when what goes into the image does.
 *
 * @param extensions Debian's packages on top of it, by the names of `primary.extensions`. Default: none
 */
export function postgresImage(
  major: number,
  extensions: readonly string[] = [],
): ImageBuild | GeneratedImage {
  const buildArgs = { BASE: baseImage(major), PG_MAJOR: String(major) };
  const folder = join(__dirname, "../postgres");
  const hash = contextHash(folder, buildArgs);
  const name = `postgres-${major}${extensionsWord(extensions)}`;
  if (extensions.length === 0) {
    return { name, tag: `laterbase/postgres:${major}-${hash}`, context, buildArgs };
  }
  const own = { ...buildArgs, EXTENSIONS: extensions.toSorted().join(" ") };
  return { name, ...extended(major, folder, own) };
}

/**
 * What the names of images with these extensions end with: empty without any, such as `.pgvector.postgis`, or a
 * hash where a registry would not take that.
 */
export function extensionsWord(extensions: readonly string[]): string {
  if (extensions.length === 0) return "";
  const words = extensions.toSorted();
  const named = words.join(".");
  const isName = words.every((word) => /^[a-z0-9]+(-+[a-z0-9]+)*$/.test(word));
  return `.${isName && named.length <= 80 ? named : sha256(words.join(" ")).slice(0, 12)}`;
}

/** The same image with one more layer, so the layers below are those of the image without extensions. */
function extended(
  major: number,
  folder: string,
  buildArgs: Record<string, string>,
): Omit<GeneratedImage, "name"> {
  const stamp = sha256(contextHash(folder, {}) + contextHash(extensionsFolder, {}));
  const hash = sha256(stamp + JSON.stringify(Object.entries(buildArgs).sort())).slice(0, 12);
  return {
    tag: `laterbase/postgres:${major}-${hash}`,
    // Git ignores this folder. The path is in the state, so it must not change.
    context: join(".laterbase", "postgres"),
    buildArgs,
    stamp,
    fill: (target) => {
      for (const file of filesOf(folder)) {
        const copy = join(target, relative(folder, file));
        makeParent(copy);
        copyFileSync(file, copy);
      }
      const end = readFileSync(join(extensionsFolder, "Dockerfile.end"));
      appendFileSync(join(target, "Dockerfile"), end);
      copyFileSync(join(extensionsFolder, "extensions.sh"), join(target, "extensions.sh"));
    },
  };
}
