import type { MadeImage } from "./build";

/** How much an image may grow before somebody has to say that it is meant. */
const most = 0.1;

/**
 * A sentence where images have grown. An image is compared without its base, which is another one where Debian's own
 * image cannot be pulled.
 *
 * @param recorded megabytes by name. One that is not in it is not compared
 */
export function grown(
  made: readonly Pick<MadeImage, "name" | "bytes" | "baseBytes">[],
  recorded: Readonly<Record<string, number>>,
): string[] {
  const larger = made.flatMap(({ name, bytes, baseBytes }) => {
    const before = recorded[name];
    const now = Math.round((bytes - baseBytes) / 1e6);
    return before === undefined || baseBytes === 0 || now <= before * (1 + most)
      ? []
      : [`${name} (${before} MB to ${now} MB)`];
  });
  if (larger.length === 0) return [];
  return [
    `Images have grown by more than ${most * 100} %: ${larger.join(", ")}; make them smaller, or write the new sizes ` +
      `into images/sizes.json if this is meant.`,
  ];
}
