import { resolve } from "node:path";
import type Docker from "dockerode";
import type { Config } from "../../../components/config";
import { connect } from "../../engine/connect";
import { knowsGroups } from "../../engine/folderGroups";
import type { Finding } from "../../primary";

/**
 * The finding about a folder for the dumps on a file system that knows no groups: people and Duplicati
 * read the dumps by their group.
 *
 * @param imageOn the image on an engine that looks into the folder
 */
export async function dumpsFolderFinding(
  { dumps, duplicati, dockerHost }: Pick<Config, "dumps" | "duplicati" | "dockerHost">,
  imageOn: (engine: Docker) => Promise<string>,
  looks: typeof knowsGroups = knowsGroups,
): Promise<Finding | undefined> {
  if (!dumps?.path) return undefined;
  const id = "dumps-path-groups";
  const folder = `The folder of laterbase:dumps.path, ${dumps.path},`;
  try {
    const engine = connect({ host: dockerHost });
    const known = await looks(engine, await imageOn(engine), resolve(dumps.path));
    if (known !== false) return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const finding = `${folder} was not checked, because the engine does not answer: ${why}.`;
    return { level: "note", id, finding, means: "", todo: "" };
  }
  return {
    level: "warn",
    id,
    finding: `${folder} is on a file system that keeps no group and no mode of a file, such as exFAT or a share of Windows.`,
    means: duplicati
      ? "Duplicati reads the dumps by their group, so it may upload nothing. Everybody on that machine may read them."
      : "Everybody on that machine may read the dumps.",
    todo: "Choose a folder on a file system of Linux, such as ext4. Without laterbase:dumps.path the dumps are in a volume.",
  };
}
