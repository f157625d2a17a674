import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ImageBuild, makeContexts } from "../images/build";
import { makeImages } from "../scripts/ci/images/build";
import { imagesOf } from "../scripts/ci/images/wanted";
import { connect } from "../scripts/engine/connect";
import { ok } from "../test/support/process";
import { root } from "./command";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import { removeImages } from "./removeImages";

/** Compares how a pipeline builds the images of this project's stack files with `docker build`, one after the other. */
export const coldImages: Measurement = {
  name: "images",
  run: async ({ quick, say }) => {
    const runs = await interleaved(
      quick ? 1 : 3,
      () => cold("ours", say, buildOurs),
      () => cold("by hand", say, buildByHand),
    );
    const figure: Figure = {
      measured: "all images, cold",
      against: "the same docker builds one after the other",
      unit: "s",
      ours: median(runs.ours),
      theirs: median(runs.theirs),
      kind: "ratio",
      limit: 1,
      runs,
    };
    return [figure];
  },
};

/**
 * Builds all images on bases that no image was built on before, so that the engine has no step of them in its cache.
 * The bases themselves have the same content as ever.
 */
async function cold(
  side: string,
  say: (line: string) => void,
  build: (images: readonly ImageBuild[], prefix: string) => Promise<void>,
): Promise<number> {
  const prefix = `lbb-${randomBytes(4).toString("hex")}`;
  const own = process.env.LATERBASE_BASE_REPOSITORY;
  const known = wanted();
  const tags = new Set(known.map(({ tag }) => tag));
  const bases = [...new Set(known.map(({ buildArgs }) => buildArgs["BASE"] ?? ""))];
  try {
    for (const base of bases.filter((one) => one && !tags.has(one))) {
      const suite = /(bullseye|bookworm|trixie)/.exec(base)?.[0] ?? "";
      const input = `FROM ${base}\nLABEL bench=${prefix}\n`;
      const words = ["build", "--quiet", "--tag", `${prefix}/base:${suite}`, "-"];
      await ok("docker", words, { input, env: { DOCKER_BUILDKIT: "0" } });
    }
    process.env.LATERBASE_BASE_REPOSITORY = `${prefix}/base`;
    const images = wanted();
    makeContexts(images);
    say(`${side}: ${images.map(({ name }) => name).join(", ")}`);
    const begun = performance.now();
    await build(images, prefix);
    const seconds = (performance.now() - begun) / 1000;
    say(`${side}: ${seconds.toFixed(0)} s`);
    return seconds;
  } finally {
    if (own === undefined) delete process.env.LATERBASE_BASE_REPOSITORY;
    else process.env.LATERBASE_BASE_REPOSITORY = own;
    await removeImages(`${prefix}/`);
  }
}

function wanted(): ImageBuild[] {
  const files = readdirSync(root).filter((name) => /^Pulumi\.\w+\.yaml$/.test(name));
  return imagesOf(files.map((file) => ({ file, text: readFileSync(join(root, file), "utf8") })));
}

/** As scripts/ci/images.sh does it, without the push. */
async function buildOurs(images: readonly ImageBuild[], prefix: string): Promise<void> {
  await makeImages(images, {
    ...{ engine: connect({}), login: undefined, registry: prefix, tag: "bench" },
    ...{ prefix: "", labels: {}, fresh: true, say: () => undefined },
  });
}

async function buildByHand(images: readonly ImageBuild[], prefix: string): Promise<void> {
  const made = new Map<string, string>();
  for (const { name, tag, context, buildArgs } of images) {
    const base = buildArgs["BASE"] ?? "";
    const args = { ...buildArgs, BASE: made.get(base) ?? base };
    const words = Object.entries(args).flatMap(([key, value]) => [
      "--build-arg",
      `${key}=${value}`,
    ]);
    made.set(tag, `${prefix}/${name}:bench`);
    await ok(
      "docker",
      ["build", "--quiet", "--tag", `${prefix}/${name}:bench`, ...words, context],
      {
        ...{ cwd: root, seconds: 3600, env: { DOCKER_BUILDKIT: "0" } },
      },
    );
  }
}
