import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { project } from "../../../images/build/context";

/**
 * What an image that CI builds says about where it comes from. They are no part of what a stack builds on the spot:
 * there each commit would make another image of the same content.
 *
 * @param tag the revision where there is no Git checkout
 */
export async function labelsOf(
  env: Readonly<Record<string, string | undefined>>,
  tag: string,
): Promise<Record<string, string>> {
  const { version, license } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    version: string;
    license: string;
  };
  const git = await execa("git", ["rev-parse", "HEAD"], { cwd: project, reject: false });
  const source = env["LATERBASE_SOURCE"] ?? env["CI_PROJECT_URL"] ?? ofGitHub(env);
  const label = (name: string) => `org.opencontainers.image.${name}`;
  return {
    ...(source ? { [label("source")]: source } : {}),
    [label("revision")]: git.exitCode === 0 ? git.stdout.trim() : tag,
    [label("version")]: version,
    [label("licenses")]: license,
  };
}

function ofGitHub(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const [server, repository] = [env["GITHUB_SERVER_URL"], env["GITHUB_REPOSITORY"]];
  return server && repository ? `${server}/${repository}` : undefined;
}
