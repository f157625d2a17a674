import type { JobRecord } from "../../../contract/jobRecord";

/** When each known database was last tried, in milliseconds; 0: never. */
const tried = new Map<string, number>();

/** Takes the names that there are now for the known ones. */
export function know(names: readonly string[], since: (name: string) => number): void {
  for (const name of tried.keys()) if (!names.includes(name)) tried.delete(name);
  for (const name of names) tried.set(name, Math.max(tried.get(name) ?? 0, since(name)));
}

/** A run that did not even find out the names has tried all of them. */
export function noteRun({ endedAt, databases = [] }: JobRecord): void {
  const names =
    databases.length > 0 ? databases.map(({ database }) => database) : [...tried.keys()];
  for (const name of names) tried.set(name, Math.max(tried.get(name) ?? 0, Date.parse(endedAt)));
}

/** The known databases that nobody has tried to dump since then, whatever came of it. */
export function untried(since: Date): string[] {
  return [...tried].filter(([, at]) => at < since.getTime()).map(([name]) => name);
}

let uploadBegan = 0;

/** When an upload was last begun in this agent's life, in milliseconds; 0: never. */
export const lastUpload = () => uploadBegan;

/** An upload counts from its beginning: it may take hours, and is recorded at its end. */
export function noteUpload(): void {
  uploadBegan = Date.now();
}
