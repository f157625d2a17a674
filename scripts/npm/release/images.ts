/** One image in the list that `scripts/ci/images.sh --json` writes. */
interface Listed {
  image: string;
  tag: string;
  digest: string;
}

/**
 * The images of a release, a line each: the name with the digest of its content.
 *
 * @throws Error where the list is not that of this commit
 */
export function imageLines(text: string, commit: string): string[] {
  const list = Object.values(parsed(text));
  if (list.length === 0) throw new Error("The list of images is empty.");
  return list
    .map(({ image = "", tag = "", digest = "" }) => {
      if (!image || !/^sha256:[0-9a-f]{64}$/.test(digest))
        throw new Error("The list of images is not one that scripts/ci/images.sh --json wrote.");
      if (!/^[0-9a-f]{7,40}$/.test(tag) || !commit.startsWith(tag))
        throw new Error(
          `The list has images of ${tag || "no commit"}, and this is commit ${commit}: take images.json of this commit's pipeline.`,
        );
      return `${image}@${digest}`;
    })
    .sort();
}

function parsed(text: string): Record<string, Partial<Listed>> {
  try {
    return JSON.parse(text) as Record<string, Partial<Listed>>;
  } catch {
    throw new Error("The list of images is not JSON: take images.json of this commit's pipeline.");
  }
}
