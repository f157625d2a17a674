import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DeletedDump } from "../../../contract/agentReplies";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { bytesOf, readDumps } from "./finished";
import { removeDump } from "./folders";
import { beingRead } from "./reading";

/** A database's folder and a dump in it. Neither begins with a dot. */
const ID = /^[^/.][^/]*\/[^/.][^/]*$/;

/**
 * Deletes one dump that a person named by its id, or a folder with a manifest that is not used. Without
 * `force` the newest good dump of a database stays, and a dump that is being read stays in any case.
 */
export async function deleteDump(
  context: Context,
  { dump: wanted, force }: Record<string, unknown>,
): Promise<DeletedDump> {
  const id = typeof wanted === "string" ? wanted.replace(/\/+$/, "") : "";
  if (!ID.test(id)) throw new Failure("Name one dump by its id, as list-dumps shows it.");
  const { dumps, bad } = await readDumps(context);
  const found = dumps.find((one) => one.id === id);
  if (!found && !bad.some((one) => one.id === id)) {
    const there = await stat(join(context.paths.backups, id)).catch(() => undefined);
    throw new Failure(
      there ? `${id} has no manifest.json, so it is no dump.` : `There is no dump ${id}.`,
    );
  }
  if (found && force !== true) {
    const { name } = found.manifest.database;
    const good = dumps.find(
      ({ manifest, signature }) => manifest.database.name === name && signature !== "changed",
    );
    if (good?.id === id) {
      throw new Failure(`${id} is the newest good dump of its database, so it stays.`);
    }
  }
  if ((await beingRead(context))(id)) {
    throw new Failure(
      `${id} is being read by a restore, a verify-dump or an upload: try again when that is done.`,
    );
  }
  await removeDump(context, id);
  context.log(`the dump ${id} was deleted by the operator`);
  return { id, bytes: found ? bytesOf(found.manifest) : 0 };
}
