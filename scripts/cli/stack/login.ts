import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What is said where Pulumi has no place for its state. */
export const NO_LOGIN =
  "Pulumi has no place for its state yet: 'npm run pulumi -- login --local' keeps it on this machine, 'npm run pulumi -- login <url>' elsewhere.";

/** Whether Pulumi has a place for its state: by its environment, by a login, or by Pulumi.yaml. */
export function loggedIn(env: NodeJS.ProcessEnv = process.env, project = "Pulumi.yaml"): boolean {
  if (env["PULUMI_BACKEND_URL"] || env["PULUMI_ACCESS_TOKEN"]) return true;
  if (existsSync(project) && /^backend:/m.test(readFileSync(project, "utf8"))) return true;
  const folder = env["PULUMI_CREDENTIALS_PATH"] || env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  try {
    const file = readFileSync(join(folder, "credentials.json"), "utf8");
    return Boolean((JSON.parse(file) as { current?: string }).current);
  } catch {
    return false;
  }
}
