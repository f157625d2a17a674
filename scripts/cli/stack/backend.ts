import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the stacks' states are, as a URL: by the environment, or where the user is logged in. Undefined: nowhere. */
export function backendUrl(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env["PULUMI_BACKEND_URL"]) return env["PULUMI_BACKEND_URL"];
  const folder = env["PULUMI_CREDENTIALS_PATH"] || env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  try {
    const text = readFileSync(join(folder, "credentials.json"), "utf8");
    const { current } = JSON.parse(text) as { current?: string };
    if (current) return current;
  } catch {
    // No login yet.
  }
  return env["PULUMI_ACCESS_TOKEN"] ? "https://api.pulumi.com" : undefined;
}

/** The folder of a backend in files; undefined for any other backend, whose server knows its own locks. */
export function backendFolder(url = backendUrl()): string | undefined {
  if (!url?.startsWith("file://")) return undefined;
  const place = url.slice("file://".length).replace(/\?.*$/, "");
  if (place === "~" || place.startsWith("~/")) return join(homedir(), place.slice(1));
  return place.startsWith("/") ? fileURLToPath(`file://${place}`) : join(process.cwd(), place);
}
