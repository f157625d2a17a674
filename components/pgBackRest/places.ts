import { posix, resolve } from "node:path";
import type { RepositoryConfig } from "./repositorySchema";

/** The project's folder, where a relative path begins. */
const project = resolve(__dirname, "../..");

/** No two repositories may be in one place: each would take the other's files for its own. */
export function repositoryPlaces(
  repositories: readonly RepositoryConfig[],
  dumps: string | undefined,
): string[] {
  const places = repositories.map(placeOf);
  const key = (i: number) => `laterbase:backups.repositories[${i}]`;
  const twice = places.flatMap((place, i) => {
    const other = place === undefined ? -1 : places.findIndex((one) => one && overlap(one, place));
    if (other < 0 || other >= i) return [];
    return [
      `${key(i)} is in the place of ${key(other)}, or one is inside the other; each needs its own, such as ` +
        example(repositories[i]!),
    ];
  });
  const folder =
    dumps === undefined ? undefined : { at: "engine", folder: normal(resolve(project, dumps)) };
  const amongDumps = places.flatMap((place, i) =>
    place && folder && overlap(place, folder)
      ? [
          `${key(i)}.path is the folder of laterbase:dumps.path, or one is inside the other; each needs its own`,
        ]
      : [],
  );
  return [...twice, ...amongDumps];
}

/** A place: what holds folders, and the folder there. */
interface Place {
  at: string;
  folder: string;
}

/** Undefined where no other can have the same: a folder of the volume has the repository's number. */
function placeOf(config: RepositoryConfig): Place | undefined {
  switch (config.type) {
    case "none":
      return undefined;
    case "posix":
      return config.path === undefined ? undefined : { at: "engine", folder: normal(config.path) };
    case "objectStore":
      return { at: "objectStore", folder: "/" };
    case "s3": {
      const { endpoint = `s3.${config.region}.amazonaws.com`, bucket, path } = config;
      return { at: `s3 ${server(endpoint)} ${bucket}`, folder: normal(path) };
    }
    case "azure": {
      const { endpoint = "blob.core.windows.net", account, container, path } = config;
      return { at: `azure ${server(endpoint)} ${account} ${container}`, folder: normal(path) };
    }
    case "gcs":
      return { at: `gcs ${config.bucket}`, folder: normal(config.path) };
  }
}

/** The same server in one form. */
const server = (endpoint: string): string => endpoint.toLowerCase().replace(/:443$/, "");

const normal = (path: string): string => posix.normalize(`${path}/`);

const overlap = (one: Place, other: Place): boolean =>
  one.at === other.at &&
  (one.folder.startsWith(other.folder) || other.folder.startsWith(one.folder));

function example({ type }: RepositoryConfig): string {
  if (type === "objectStore") return "one of the type posix";
  return type === "posix" ? "path: /srv/repository" : "path: /second";
}
