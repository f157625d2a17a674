import { readFile } from "node:fs/promises";
import { pack } from "tar-stream";
import type { Failure, Props } from "../protocol/provider";
import type { Upload } from "./containerInputs";
import { isUnknown } from "../protocol/values";

const SOURCES = ["content", "contentBase64", "source"] as const;

/** The files for a new container, as one archive for its root folder. */
export async function uploadArchive(uploads: Upload[]): Promise<Buffer> {
  const tar = pack();
  for (const upload of uploads) {
    const content = await contentOf(upload);
    tar.entry(
      {
        name: upload.file.replace(/^\/+/, ""),
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

async function contentOf(upload: Upload): Promise<Buffer> {
  if (upload.content) return Buffer.from(upload.content);
  if (upload.contentBase64) return Buffer.from(upload.contentBase64, "base64");
  return readFile(upload.source ?? "");
}

function modeOf({ permissions, executable }: Upload): number {
  if (permissions) return parseInt(permissions, 8);
  return executable ? 0o744 : 0o644;
}

/** What is wrong with the uploads. A reason never contains their content, which may be secret. */
export function uploadFailures(uploads: Props[]): Failure[] {
  return uploads.flatMap((props) => {
    const upload = props as unknown as Upload;
    const property = `uploads (${upload.file})`;
    return reasons(upload).map((reason) => ({ property, reason }));
  });
}

function reasons(upload: Upload): string[] {
  const given = SOURCES.filter((key) => upload[key]);
  return [
    !upload.file && "a file is required",
    given.length === 0 && "one of 'content', 'contentBase64', or 'source' must be set",
    given.length > 1 && "only one of 'content', 'contentBase64', or 'source' can be set",
    !fits(upload.permissions, /^0[0-7]{3}$/) && "permissions have the form 0644",
    !fits(upload.owner, /^\d+$/) && "owner must be a numeric user id",
    !fits(upload.group, /^\d+$/) && "group must be a numeric group id",
  ].filter((reason): reason is string => typeof reason === "string");
}

function fits(value: string | undefined, pattern: RegExp): boolean {
  return !value || isUnknown(value) || pattern.test(value);
}
