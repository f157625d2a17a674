/** Where an image says what it has of `primary.extensions`. Absent in an image without them. */
export const extensionsFile = "/usr/local/lib/laterbase/extensions";

/** An extension's package in an image. */
export interface ExtensionPackage {
  /** Its name in `primary.extensions`. */
  name: string;
  /** Debian's package. */
  package: string;
  /** What `CREATE EXTENSION` finds in it. */
  extensions: string[];
}

/** What the file of an image says. Empty where it has none. */
export function readExtensions(file: string | undefined): ExtensionPackage[] {
  return (file ?? "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([name, own]) => name && own)
    .map(([name = "", own = "", ...extensions]) => ({ name, package: own, extensions }));
}

/**
 * The extension that people mean by a package's name: `pgvector` is `vector`, `cron` is `pg_cron`. A package may have
 * more, such as `postgis_raster`; those are made by who needs them.
 */
export function mainExtension({ name, extensions }: ExtensionPackage): string | undefined {
  const word = name.replace(/-/g, "_");
  const [only] = extensions;
  if (extensions.length === 1) return only;
  const names = [word, `pg_${word}`, word.replace(/^pg_?/, "")];
  return names.find((one) => extensions.includes(one));
}

/** What `scripts/steps/extensions.ts` reads from standard input, as JSON. */
export interface ExtensionsInput {
  /** The primary's container. A new one may have another image. */
  id: string;
  /** `extensions`. */
  names: readonly string[];
  /** The databases that the configuration names. */
  databases: readonly string[];
}
