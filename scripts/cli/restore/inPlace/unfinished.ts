import { dataFolder } from "../../../../contract/names";
import {
  type InPlaceJournal,
  inPlaceFiles,
  readJournal,
} from "../../../../contract/restoreInPlace";
import { connect } from "../../../engine/connect";
import { containerFile } from "../../../engine/containerFile";
import type { Located } from "../../stack/outputs";

/** The journal of a restore in place that is not finished, or not accepted. The primary's container need not run. */
export async function unfinishedRestore({
  name,
  host,
}: Located): Promise<InPlaceJournal | "unreadable" | undefined> {
  const path = `${dataFolder("primary")}/${inPlaceFiles.journal}`;
  const text = await containerFile(connect({ host }).getContainer(name), path);
  return text === undefined ? undefined : (readJournal(text) ?? "unreadable");
}
