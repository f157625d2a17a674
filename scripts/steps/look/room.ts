/** What has to find room where an engine keeps images and volumes. */
export interface Needs {
  /** The images that are not there yet, in megabytes each. */
  images: readonly number[];
  /** The keys of the standbys that are cloned there. */
  clones: readonly string[];
  /** The size of one clone in bytes. Undefined where nobody could say. */
  cloneBytes: number | undefined;
}

/** A clone is as large as the databases, and WAL comes with it. */
const withWal = 1.05;

/**
 * A sentence where an engine has no room for what it gets.
 *
 * @param free the bytes that are free there
 */
export function noRoom(needs: Needs, free: number | undefined, where: string): string[] {
  const { images, clones, cloneBytes = 0 } = needs;
  const ofImages = images.reduce((sum, size) => sum + size, 0) * 1e6;
  const ofClones = clones.length * cloneBytes * withWal;
  if (free === undefined || ofImages + ofClones <= free) return [];
  const parts = [
    ...(ofImages > 0
      ? [`${images.length === 1 ? "an image" : `${images.length} images`} (${size(ofImages)})`]
      : []),
    ...(ofClones > 0
      ? [
          `${clones.length === 1 ? "a clone" : `${clones.length} clones`} of the primary (${size(ofClones)})`,
        ]
      : []),
  ];
  const key = ofClones > 0 ? clones.join(" and ") : "laterbase:dockerHost";
  return [
    `${key} needs room for ${parts.join(" and ")} where ${where} keeps images and volumes; ` +
      `${size(free)} are free there. Make room, for example by docker image prune`,
  ];
}

/** A size for people. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
