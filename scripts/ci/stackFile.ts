import { parseDocument } from "yaml";

/** Where the images of a commit are. */
export interface Images {
  registry: string;
  tag: string;
}

/** The text of a stack file with these images. Its other lines stay as they are. */
export function withImages(text: string, { registry, tag }: Images): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Error(`The stack file cannot be read: ${error.message.split("\n")[0]}`);
  document.setIn(["config", "laterbase:images"], { registry, tag });
  return document.toString();
}
