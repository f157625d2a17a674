import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import {
  type ExtensionPackage,
  extensionsFile,
  readExtensions,
} from "../../../contract/extensions";
import { quoted } from "../../../contract/quoting";
import { containerFile } from "../../engine/containerFile";
import { createStep, outcomeOf } from "../../engine/createStep";
import type { LocalPrimary } from "../../primary/localPrimary";
import type { Found } from "./found";

const script = join(__dirname, "../../../images/extensions/extensions.sh");
const key = "laterbase:primary.extensions";

/** What the image of a primary has now of `extensions`. */
export async function presentExtensions(container: Docker.Container): Promise<ExtensionPackage[]> {
  return readExtensions(await containerFile(container, extensionsFile));
}

/**
 * Whether the suite has packages of these names, as the build of the image would see it: in a container that is gone
 * afterwards, with the engine's common network.
 *
 * @param image one of the same major, with Debian's package tool in it
 */
export async function missingPackages(
  engine: Docker,
  image: string,
  major: number,
  names: readonly string[],
): Promise<Found> {
  if (names.length === 0) return { refused: [], unseen: [] };
  const container = await createStep(engine, {
    Image: image,
    Entrypoint: ["bash"],
    Cmd: ["-s", "--", "look", String(major), ...names],
    User: "0:0",
    // It has no capability to become another user.
    Env: ["APT_CONFIG=/tmp/apt.conf"],
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true },
    ...{ OpenStdin: true, StdinOnce: true },
    HostConfig: {
      AutoRemove: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      LogConfig: { Type: "none", Config: {} },
      NetworkMode: "default",
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "rw", "/var/lib/apt/lists": "rw", "/var/cache/apt": "rw" },
    },
  });
  try {
    const sandbox = `echo 'APT::Sandbox::User "root";' >/tmp/apt.conf\n`;
    const input = sandbox + readFileSync(script, "utf8");
    const { code, stdout, stderr } = await outcomeOf(engine, container, input);
    if (code === 0) return { refused: refusals(stdout, major), unseen: [] };
    const why = stderr.trim().split("\n").at(-1) || `exit code ${code}`;
    return { refused: [], unseen: [`${key} was not looked at: ${why.replace(/\.$/, "")}`] };
  } finally {
    await container.remove({ force: true }).catch(() => undefined);
  }
}

/** A sentence for each line of what the script found. */
export function refusals(said: string, major: number): string[] {
  const lines = said.split("\n").map((line) => line.trim().split(/\s+/));
  const suite = lines.find(([word]) => word === "suite")?.[1] ?? "";
  return lines.flatMap(([word, name = "", ...similar]) => {
    if (word === "contained") {
      return [
        `${key} must not name ${quoted(name)}, which comes with PostgreSQL: leave it out, and CREATE EXTENSION makes it`,
      ];
    }
    if (word !== "missing") return [];
    const near = similar.length > 0 ? `, such as ${similar.join(" or ")}` : "";
    return [
      `${key} must name packages that Debian ${suite} has for PostgreSQL ${major}${near}; there is no ` +
        `postgresql-${major}-${name.replace(/_/g, "-")}`,
    ];
  });
}

/**
 * A sentence for each database that uses an extension of a package that is taken away: without its library the
 * database's functions and indexes would fail.
 */
export async function usedExtensions(
  primary: LocalPrimary,
  leaving: readonly ExtensionPackage[],
): Promise<string[]> {
  if (leaving.length === 0) return [];
  const databases = await primary.json<string[]>(
    "SELECT json_agg(datname ORDER BY datname) FROM pg_database WHERE datallowconn",
  );
  const found: string[] = [];
  for (const database of databases) {
    const used = await primary.json<string[]>(
      "SELECT coalesce(json_agg(extname), '[]') FROM pg_extension",
      database,
    );
    for (const { name, extensions } of leaving) {
      const [one] = extensions.filter((extension) => used.includes(extension));
      if (one === undefined) continue;
      found.push(
        `${key} must name ${name}, because the database ${quoted(database)} uses its extension ${one}; ` +
          `drop that there first`,
      );
    }
  }
  return found;
}
