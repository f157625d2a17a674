import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { visible } from "../../../contract/visible";
import { isNewer } from "../../ci/versions";
import { audit } from "./audit";
import { unreleasedSection, withRelease } from "./changelog";
import { imageLines } from "./images";

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
  if ((await git("tag", "--list", tag)) !== "") throw new Refusal(`There is a tag ${tag} already.`);
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
  if (!values.images)
    throw new Refusal(
      "--images needs the list that the pipeline of this commit wrote: images.json.",
    );
  const images = imageLines(readFileSync(values.images, "utf8"), await git("rev-parse", "HEAD"));

  try {
    await execa("npm", ["version", version, ...["--no-git-tag-version", "--allow-same-version"]]);
    const day = new Date().toISOString().slice(0, 10);
    writeFileSync("CHANGELOG.md", withRelease(changelog, version, day));
    await git("add", ...files);
    await git("commit", "--quiet", "--message", `Release ${version}`);
  } catch (error) {
    // Nothing else was changed: the checkout was clean.
    await git("reset", "--quiet", "--hard", "HEAD");
    throw error;
  }
  const message = [`Laterbase ${version}`, section, ["Images:", ...images].join("\n")].join("\n\n");
  // Its headings begin with #, which git would take for comments.
  await execa("git", ["tag", "--annotate", "--cleanup=verbatim", "--file", "-", tag], {
    input: `${message}\n`,
  });
  const count = images.length === 1 ? "1 image" : `${images.length} images`;
  return `Release ${version} is the tag ${tag}, with ${count}. To publish it: git push --follow-tags`;
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

const git = async (...words: string[]) => (await execa("git", words)).stdout.trim();

void main().then(
  (said) => console.log(said),
  (error: Error & { code?: string }) => {
    console.error(`laterbase: ${error.message}`);
    const isUsage = error.code?.startsWith("ERR_PARSE_ARGS");
    process.exit(isUsage ? 2 : error instanceof Refusal ? 4 : 1);
  },
);
