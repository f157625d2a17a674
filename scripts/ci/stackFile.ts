import { type Document, parseDocument } from "yaml";

/** Where the images of a commit are. */
export interface Images {
  registry: string;
  tag: string;
}

/** The text of a stack file with these images. Its other lines stay as they are. */
export function withImages(text: string, { registry, tag }: Images): string {
  const document = documentOf(text);
  document.setIn(["config", "laterbase:images"], { registry, tag });
  return document.toString();
}

/**
 * One sentence where a stack file names a folder for the dumps that is in the job's checkout: the runner cleans it
 * before its next job, and the dumps are gone. Undefined: it names none.
 */
export function fleetingDumps(text: string, file: string): string | undefined {
  const { config } = (documentOf(text).toJS() ?? {}) as {
    config?: Record<string, { path?: unknown } | null | undefined>;
  };
  const path = config?.["laterbase:dumps"]?.path;
  if (typeof path !== "string" || path.startsWith("/")) return undefined;
  return (
    `laterbase:dumps.path in ${file} must be an absolute path in a pipeline, such as /srv/backups, because a relative one is ` +
    `in the job's checkout, which the runner cleans with the dumps in it before its next job; it is ${JSON.stringify(path)}.`
  );
}

/** Its merge keys hold, as for Pulumi. */
function documentOf(text: string): Document {
  const document = parseDocument(text, { merge: true });
  const [error] = document.errors;
  if (error) throw new Error(`The stack file cannot be read: ${error.message.split("\n")[0]}`);
  return document;
}
