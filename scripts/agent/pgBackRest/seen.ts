import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";
import { sentenceOf } from "../kit/failure";
import { writeByRename } from "../kit/files";
import type { Look } from "./look";

/** A repository as it was when it was last seen with a backup. */
interface Seen {
  location: string;
  stanza: string;
  /** The label of its newest backup. */
  newest: string;
}

/** By the repository's number. */
type AllSeen = Partial<Record<string, Seen>>;

/** It outlives the agent's container, as the records do. */
const fileOf = ({ paths }: Pick<Context, "paths">) => join(paths.records, "repositories-seen.json");

async function readSeen(context: Pick<Context, "paths">): Promise<AllSeen> {
  try {
    return JSON.parse(await readFile(fileOf(context), "utf8")) as AllSeen;
  } catch {
    return {};
  }
}

/** Notes which repositories have backups. */
export async function noteSeen(context: Context, looks: readonly Look[]): Promise<void> {
  const { stanza = "" } = context.config.backups ?? {};
  const before = await readSeen(context);
  const now: AllSeen = { ...before };
  for (const { repository, info } of looks) {
    const newest = info?.backups.at(-1)?.label;
    const { location } = repository;
    if (newest !== undefined) now[repository.number] = { location, stanza, newest };
  }
  const text = JSON.stringify(now);
  if (text === JSON.stringify(before)) return;
  try {
    await mkdir(context.paths.records, { recursive: true, mode: 0o750 });
    await writeByRename(fileOf(context), text);
  } catch (error) {
    context.log(`what the repositories hold is not noted: ${sentenceOf(error)}`);
  }
}

/** The newest backup that was seen at the place of a repository. Undefined: none was, or it is another place now. */
export async function seenBackup(
  context: Context,
  { repository: { number, location } }: Pick<Look, "repository">,
): Promise<string | undefined> {
  const seen = (await readSeen(context))[number];
  const isSame = seen?.location === location && seen.stanza === context.config.backups?.stanza;
  return isSame ? seen.newest : undefined;
}
