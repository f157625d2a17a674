import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const examples = "s3://bucket/folder, ssh://nas.local/backups or file:///archive";

/**
 * Where Duplicati's archives go. The URL may hold keys, so it leaves the parser as a secret and is
 * not repeated in an error; `folder` is the one inside the container that a `file://` URL means.
 */
export const Target = z
  .string({ error: `must be a URL, such as ${examples}` })
  // A folder has no keys.
  .meta({ secret: true, plain: /^file:\/\/[^?]*$/ })
  .transform((url, context) => {
    const wrong = mistakeIn(url);
    if (wrong) {
      context.issues.push({ code: "custom", message: wrong, input: {} });
      return z.NEVER;
    }
    return { url: pulumi.secret(url), folder: folderOf(url) };
  });

function mistakeIn(url: string): string | undefined {
  if (url.startsWith("/")) {
    return "must be a URL: a folder inside Duplicati's container is written file:///archive, any other place with its scheme, such as s3://bucket/folder";
  }
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/]/.test(url) && !url.startsWith("file://")) {
    return `must be a URL with a scheme, such as ${examples}`;
  }
  if (/\s|\p{Cc}/u.test(url)) {
    return "must be a URL without white space; in a path it is written %20";
  }
  if (/(?:\*|%2A){3}/i.test(url)) {
    return "must not hold three asterisks, which Duplicati takes for a hidden secret";
  }
  if (url.startsWith("file://") && !usable(folderOf(url) ?? "")) {
    return "must name a folder for the archives alone, such as file:///archive: an absolute path, and none that Duplicati or its system uses";
  }
  return undefined;
}

function folderOf(url: string): string | undefined {
  return /^file:\/\/([^?]*)/.exec(url)?.[1]?.replace(/\/+$/, "");
}

const taken =
  /^\/(?:backups|bin|boot|data|dev|etc|home|lib\w*|opt|proc|root|run[\w.-]*|sbin|sys|tmp|usr|var)(?:\/|$)/;

/** A volume is mounted there: over nothing that is in use. */
function usable(folder: string): boolean {
  return /^(?:\/(?!\.)[\w.-]+)+$/.test(folder) && !taken.test(folder);
}
