import { parsePgBackRest } from "../../../contract/pgBackRestJson";
import { z } from "zod";
import type { ArchivedWal } from "../../../contract/backupRecord";
import type { Context } from "../kit/context";
import { type CommandOptions, failureOf, pgBackRest } from "./command";
import type { StanzaInfo } from "./info";
import { inOrder, isSegment } from "./segments";

/** What `repo-ls --output=json` prints: a thing by its path. Times are in seconds. */
const listing = z.record(
  z.string(),
  z.object({ type: z.string(), size: z.number().nullish(), time: z.number().nullish() }),
);

/** Lists the files below a folder of a repository, by their paths in it. Other things are left out. */
export async function listFiles(
  context: Context,
  repository: number,
  folder: string,
  { recurse = false, ...options }: CommandOptions & { recurse?: boolean } = {},
): Promise<ListedFile[]> {
  const words = recurse ? ["--recurse", folder] : [folder];
  return parseListing(await list(context, repository, words, options));
}

/** Lists the names of the folders that are directly in a folder of a repository. */
export async function listFolders(
  context: Context,
  repository: number,
  folder: string,
  options: CommandOptions = {},
): Promise<string[]> {
  const found = listing.parse(parsePgBackRest(await list(context, repository, [folder], options)));
  return Object.entries(found).flatMap(([path, { type }]) => (type === "path" ? [path] : []));
}

async function list(
  context: Context,
  repository: number,
  words: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const command = ["repo-ls", `--repo=${repository}`, "--output=json", "--sort=none"];
  const ran = await pgBackRest(context, [...command, ...words], options);
  if (ran.code !== 0) throw failureOf(ran);
  return ran.stdout;
}

/** A file of a repository, and when it got there. */
interface ListedFile {
  path: string;
  bytes: number;
  at: string;
}

/** Reads what `repo-ls --output=json` printed. */
export function parseListing(text: string): ListedFile[] {
  const found = listing.parse(parsePgBackRest(text));
  return Object.entries(found)
    .filter(([, { type }]) => type === "file")
    .map(([path, { size, time }]) => ({
      path,
      bytes: size ?? 0,
      at: new Date((time ?? 0) * 1000).toISOString(),
    }));
}

/** Where a repository keeps the WAL of one server. */
export const archiveFolder = ({ config }: Context, archiveId: string): string =>
  `archive/${config.backups?.stanza ?? ""}/${archiveId}`;

/** The segment whose file has this path. Undefined: it is another file, such as a timeline's history. */
export function segmentOf(path: string): string | undefined {
  const file = path.slice(path.lastIndexOf("/") + 1);
  // Behind the name, the checksum of its content and how it is compressed: `…003-5f1c….lz4`.
  const [segment = ""] = file.split("-", 1);
  // A command that was killed leaves files behind.
  if (file.endsWith(".tmp")) return undefined;
  return isSegment(segment) && file.length > segment.length ? segment : undefined;
}

/** The newest WAL segment of a repository, and when it got there. */
export async function newestWal(
  context: Context,
  repository: number,
  { archiveId, newestSegment }: StanzaInfo,
  options: CommandOptions = {},
): Promise<ArchivedWal | undefined> {
  if (archiveId === undefined || newestSegment === undefined) return undefined;
  const folder = `${archiveFolder(context, archiveId)}/${newestSegment.slice(0, 16)}`;
  const files = await listFiles(context, repository, folder, options);
  // Meanwhile a newer one may have come.
  return files
    .flatMap(({ path, at }) => {
      const segment = segmentOf(path);
      return segment === undefined ? [] : [{ segment, at }];
    })
    .sort((a, b) => inOrder(a.segment, b.segment))
    .at(-1);
}

/** Whether a repository has a segment. */
export async function hasSegment(
  context: Context,
  repository: number,
  archiveId: string,
  segment: string,
  options: CommandOptions = {},
): Promise<boolean> {
  const folder = `${archiveFolder(context, archiveId)}/${segment.slice(0, 16)}`;
  const files = await listFiles(context, repository, folder, options);
  return files.some(({ path }) => segmentOf(path) === segment);
}

/** Every WAL segment of the newest archive of a repository. */
export async function segmentsIn(
  context: Context,
  repository: number,
  { archiveId }: StanzaInfo,
  options: CommandOptions = {},
): Promise<string[]> {
  if (archiveId === undefined) return [];
  const folder = archiveFolder(context, archiveId);
  const files = await listFiles(context, repository, folder, { ...options, recurse: true });
  return files.flatMap(({ path }) => segmentOf(path) ?? []);
}
