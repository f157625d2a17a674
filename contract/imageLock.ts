/**
 * What the state records of an image that an engine has pulled: `<name>:<tag>@sha256:<digest>`, or
 * `<name>:<tag>=sha256:<id>` of one that was loaded and has no digest.
 */
export interface LockedImage {
  /** As configured: a name with a tag. */
  image: string;
  /** What the engine has under it: a digest, or an id. */
  content: string;
  /** What a container is created from. It names that content and no other. */
  reference: string;
}

/** A record as text. */
export function imageRecord(image: string, { digest, id }: { digest?: string; id: string }) {
  return digest === undefined ? `${image}=${id}` : `${image}@${digest}`;
}

/** The record in a text. Another text is an image without a record, whatever is in it. */
export function lockedImage(record: string): LockedImage {
  const [, image, sign, content] =
    /^([^@=]+)([@=])(sha256:[0-9a-f]{64})$/.exec(record.trim()) ?? [];
  if (!image || !content) return { image: record, content: "", reference: record };
  // Docker finds a digest by the repository alone.
  const repository = image.replace(/:[^:/]*$/, "");
  return { image, content, reference: sign === "=" ? content : `${repository}@${content}` };
}

/** The resource with the record of a role's image. */
export function imageLockName(role: string): string {
  return `${role}-image-lock`;
}

/** The role whose image a resource records; undefined for any other resource. */
export function lockedRole(resource: string): string | undefined {
  return /^(.+)-image-lock$/.exec(resource)?.[1];
}
