import { readFile } from "node:fs/promises";
import { pack } from "tar-stream";
import type { Failure, Props } from "../protocol/provider";
import { isUnknown } from "../protocol/values";

const SOURCES = ["content", "contentBase64", "source"];

/** The files that go into a new container, as one archive for its root. */
export async function uploadArchive(uploads: Props[]): Promise<Buffer> {
  const tar = pack();
  for (const upload of uploads) {
    const content = await contentOf(upload);
    tar.entry(
      {
        name: (upload.file as string).replace(/^\/+/, ""),
        mode: modeOf(upload),
        uid: Number(upload.owner ?? 0),
        gid: Number(upload.group ?? 0),
        size: content.length,
        mtime: new Date(),
      },
      content,
    );
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function contentOf(upload: Props): Promise<Buffer> {
  if (upload.content) return Buffer.from(upload.content as string);
  if (upload.contentBase64) return Buffer.from(upload.contentBase64 as string, "base64");
  return readFile(upload.source as string);
}

function modeOf({ permissions, executable }: Props): number {
  if (permissions) return parseInt(permissions as string, 8);
  return executable ? 0o744 : 0o644;
}

/** What is wrong with the uploads. No text of theirs goes into a reason: they hold secrets. */
export function uploadFailures(uploads: Props[]): Failure[] {
  return uploads.flatMap((upload) =>
    reasons(upload).map((reason) => ({ property: `uploads (${upload.file})`, reason })),
  );
}

function reasons(upload: Props): string[] {
  const given = SOURCES.filter((key) => upload[key]);
  const numeric = (id: unknown) => id === undefined || isUnknown(id) || /^\d+$/.test(String(id));
  return [
    !upload.file && "a file is required",
    given.length === 0 && "one of 'content', 'contentBase64', or 'source' must be set",
    given.length > 1 && "only one of 'content', 'contentBase64', or 'source' can be set",
    !fits(upload.permissions, /^0[0-7]{3}$/) && "permissions have the form 0644",
    !numeric(upload.owner) && "owner must be a numeric user id",
    !numeric(upload.group) && "group must be a numeric group id",
  ].filter((reason): reason is string => typeof reason === "string");
}

function fits(value: unknown, pattern: RegExp): boolean {
  return !value || isUnknown(value) || pattern.test(String(value));
}
