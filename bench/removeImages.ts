import { ok } from "../test/support/process";

/**
 * Takes away the names of all images that begin with `prefix`, and the images that then have none. One that another
 * test stands on stays.
 */
export async function removeImages(prefix: string): Promise<void> {
  // A tag that was pushed again leaves an image behind that only its digest names.
  for (const format of ["{{.Repository}}:{{.Tag}}", "{{.Repository}}@{{.Digest}}"]) {
    const listed = await ok("docker", ["image", "ls", "--digests", "--format", format]);
    const ours = listed
      .split("\n")
      .filter((name) => name.startsWith(prefix) && !name.includes("<none>"));
    if (ours.length > 0) await ok("docker", ["image", "rm", "--force", ...new Set(ours)]);
  }
}
