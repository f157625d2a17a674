import { basename } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { Extensions } from "../../../components/primary/extensionsSchema";
import { Version } from "../../../components/primary/version";
import { sentence } from "../../../components/schema/strict";
import type { ImageBuild } from "../../../images/build/context";
import { stackImages } from "../../../images/build/stack";
import { asPulumi } from "../../cli/stack/stackFile";

/** What decides the images of a stack file. Its secrets are encrypted, and not needed. */
const wanted = z.object({
  primary: z.object(
    { version: Version, extensions: Extensions },
    { error: "must be an object with the keys of the primary" },
  ),
  ...Object.fromEntries(
    ["dumps", "backups", "pooler", "pgAdmin", "objectStore", "health"].map((key) => [
      key,
      z.looseObject({}).nullish(),
    ]),
  ),
});

/** The images of ours that stack files need, each once, and a base before what stands on it. */
export function imagesOf(files: readonly { file: string; text: string }[]): ImageBuild[] {
  const all = files.flatMap(({ file, text }) =>
    Object.values(stackImages(wantedBy(basename(file), text)) as object).filter(isBuilt),
  );
  const byName = new Map(all.map((image) => [image.name, image]));
  const tags = new Set([...byName.values()].map(({ tag }) => tag));
  const standsOnOurs = ({ buildArgs }: ImageBuild) => tags.has(buildArgs["BASE"] ?? "");
  return [...byName.values()].sort(
    (a, b) => Number(standsOnOurs(a)) - Number(standsOnOurs(b)) || (a.name < b.name ? -1 : 1),
  );
}

const isBuilt = (image: object): image is ImageBuild => "context" in image;

function wantedBy(file: string, text: string) {
  const { config } = (parse(text, asPulumi) ?? {}) as { config?: Record<string, unknown> };
  const prefix = "laterbase:";
  const keys = Object.entries(config ?? {}).flatMap(([key, value]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value ?? {}] as const] : [],
  );
  const parsed = wanted.safeParse(Object.fromEntries(keys), { reportInput: true });
  if (parsed.success) return parsed.data as Parameters<typeof stackImages>[0];
  throw new Error(sentence(parsed.error.issues[0]!, file));
}
