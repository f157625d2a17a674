import { lockedImage, lockedRole } from "../../../contract/imageLock";
import type { ExportedState } from "./exportedState";
import { pulumi } from "./pulumi";
import { exportState } from "./state";

/** An image whose content the state records. */
export interface RecordedImage {
  urn: string;
  role: string;
  image: string;
  content: string;
}

/** The pulled images of a stack, as its state records them. */
export async function recordedImages(stack: string): Promise<RecordedImage[]> {
  return imagesIn(await exportState(stack));
}

/** The records in an exported state. */
export function imagesIn({ deployment: { resources = [] } }: ExportedState): RecordedImage[] {
  return resources.flatMap(({ urn, type, outputs }) => {
    const role = lockedRole(urn.slice(urn.lastIndexOf("::") + 2));
    if (role === undefined || type !== "command:local:Command") return [];
    const record = outputs?.["stdout"];
    const { image, content } = lockedImage(typeof record === "string" ? record : "");
    return [{ urn, role, image, content }];
  });
}

/**
 * Marks a record in the state, so that the next `up` makes it anew. Only the state changes: a preview
 * shows it, and `pulumi state untaint` takes it back.
 */
export async function acceptNext(stack: string, { urn, role }: RecordedImage): Promise<void> {
  await pulumi(["state", "taint", urn, "--yes", "--stack", stack], `The record of ${role}'s image`);
}
