/** Where the documentation says more about a check, by the beginning of its name. */
const pages: readonly [RegExp, string][] = [
  [/^(primary|standby|replication)$/, "docs/failures.md#symptoms"],
  [/^slot /, "docs/failures.md#states"],
  [/^(archiving|check|verify)$|^repository /, "docs/backups.md#check-and-verify"],
  [/^drill/, "docs/backups.md#what-a-drill-proves"],
  [/^backup /, "docs/backups.md#how-backups-are-made"],
  [/^upload$/, "docs/dumps.md#off-site"],
  [/^dump/, "docs/dumps.md#what-happens-by-itself"],
  [/^pooler$/, "docs/connections.md#the-pooler"],
  [/^pgadmin$/, "docs/connections.md#pgadmin"],
];

/** The page of a check, as a path in the repository. A standby's check has its name, which is any. */
export function guideOf(check: string, standbys: readonly string[] = []): string {
  if (standbys.includes(check)) return "docs/failures.md#symptoms";
  return pages.find(([name]) => name.test(check))?.[1] ?? "docs/health-checks.md#every-check";
}

/** All of them, for the test that they exist. */
export const guides = pages.map(([, page]) => page);
