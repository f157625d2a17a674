/** Begins the tags of images that nobody has reviewed yet. */
export const unreviewed = "mr-";

/**
 * What the tags of a run begin with. Only a pipeline of a protected branch or tag, and a person at a shell, push the
 * tags that others deploy. A merge request gets tags of its own, which no other pipeline takes for the same content.
 */
export function tagPrefix(env: Readonly<Record<string, string | undefined>>): string {
  const event = env["GITHUB_EVENT_NAME"];
  // The workflow runs for pushes to the default branch and to release tags only, and a schedule on the default branch.
  if (event) return ["push", "schedule"].includes(event) ? "" : unreviewed;
  const source = env["CI_PIPELINE_SOURCE"];
  if (!source) return "";
  const isProtected = env["CI_COMMIT_REF_PROTECTED"] === "true";
  return isProtected && source !== "merge_request_event" ? "" : unreviewed;
}
