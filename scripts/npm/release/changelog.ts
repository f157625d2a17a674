const unreleased = "## [Unreleased]";

/** What is new, as the changelog's section `Unreleased` has it. Empty where nothing is. */
export function unreleasedSection(changelog: string): string {
  const begin = changelog.indexOf(`${unreleased}\n`);
  if (begin < 0) return "";
  const rest = changelog.slice(begin + unreleased.length);
  const end = rest.search(/^## /m);
  return (end < 0 ? rest : rest.slice(0, end)).trim();
}

/** The changelog in which this section has a version and a day, and an empty one stands above it. */
export function withRelease(changelog: string, version: string, day: string): string {
  return changelog.replace(`${unreleased}\n`, () => `${unreleased}\n\n## [${version}] - ${day}\n`);
}

/** Whether the changelog has a section of this version. */
export function hasRelease(changelog: string, version: string): boolean {
  return changelog.split("\n").some((line) => line.startsWith(`## [${version}]`));
}
