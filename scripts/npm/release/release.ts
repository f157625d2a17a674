import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { visible } from "../../../contract/visible";
import { isNewer } from "../../ci/versions";
import { audit } from "./audit";
import { hasRelease, unreleasedSection, withRelease } from "./changelog";
import { imageLines } from "./images";
import { gitIn, makeRelease, releasePlace } from "./repository";

// release.ts <version> --images <file> [--without-audit]: what `npm run release` is for. It works on the current folder.

/** A release that is not made. Nothing was changed. */
class Refusal extends Error {}

const files = ["package.json", "package-lock.json", "CHANGELOG.md"];

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    options: { images: { type: "string" }, "without-audit": { type: "boolean" } },
    allowPositionals: true,
  });
  const version = (positionals[0] ?? "").replace(/^v/, "");
  const tag = `v${version}`;
  const { version: before } = JSON.parse(readFileSync("package.json", "utf8")) as {
    version: string;
  };
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new Refusal("npm run release needs a version, such as 0.2.0.");
  if (isNewer(before, version))
    throw new Refusal(`The version ${version} is older than ${before}, which package.json has.`);
  const place = await releasePlace(".", tag);
  if ("problem" in place) throw new Refusal(place.problem);
  const dirty = await git("status", "--porcelain");
  if (dirty !== "")
    throw new Refusal(
      `The checkout has changes that no commit has:\n${dirty}\nCommit them, or remove them.`,
    );
  const schema = await execa("npm", ["run", "--silent", "schema", "--", "--check"], {
    reject: false,
  });
  if (schema.exitCode !== 0) throw new Refusal(`The docs are stale: ${schema.stderr.trim()}`);
  await checkHoles(values["without-audit"] === true);
  const changelog = readFileSync("CHANGELOG.md", "utf8");
  const section = unreleasedSection(changelog);
  if (section === "") throw new Refusal("CHANGELOG.md has nothing under Unreleased.");
  if (hasRelease(changelog, version))
    throw new Refusal(`CHANGELOG.md has a section of ${version} already.`);
  if (!values.images)
    throw new Refusal(
      "--images needs the list that the pipeline of this commit wrote: images.json.",
    );
  const images = listedImages(values.images, await git("rev-parse", "HEAD"));
  const day = new Date().toISOString().slice(0, 10);
  await makeRelease(".", {
    change: async () => {
      await execa("npm", ["version", version, ...["--no-git-tag-version", "--allow-same-version"]]);
      writeFileSync("CHANGELOG.md", withRelease(changelog, version, day));
    },
    ...{ files, tag, subject: `Release ${version}` },
    message: [`Laterbase ${version}`, section, ["Images:", ...images].join("\n")].join("\n\n"),
  });
  if (place.remote === "does not answer")
    console.error(
      `laterbase: nobody could ask the remote whether it has a tag ${tag}: the push fails if it has.`,
    );
  const count = images.length === 1 ? "1 image" : `${images.length} images`;
  return `Release ${version} is the tag ${tag}, with ${count}. To publish it: git push --atomic --follow-tags`;
}

async function checkHoles(isKnown: boolean): Promise<void> {
  const { answered, holes } = await audit(".");
  if (holes.length > 0)
    throw new Refusal(`A dependency has a known hole:\n${holes.map(visible).join("\n")}`);
  if (answered) return;
  if (!isKnown)
    throw new Refusal(
      "No source of known holes answers, so nobody knows whether a dependency has one. Look at another place, and add --without-audit.",
    );
  console.error("laterbase: nobody looked for known holes, as --without-audit says.");
}

/** The lines of the images in a list. What is wrong with the list has changed nothing. */
function listedImages(file: string, commit: string): string[] {
  try {
    return imageLines(readFileSync(file, "utf8"), commit);
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
}

const git = gitIn(".");

void main().then(
  (said) => console.log(said),
  (error: Error & { code?: string }) => {
    console.error(`laterbase: ${error.message}`);
    const isUsage = error.code?.startsWith("ERR_PARSE_ARGS");
    process.exit(isUsage ? 2 : error instanceof Refusal ? 4 : 1);
  },
);
