import type { JobRecord } from "../../../contract/jobRecord";
import { quoted } from "../../../contract/quoting";

type Results = Pick<JobRecord, "databases" | "backups" | "repositories" | "drills">;

/**
 * What counts as a job's last run. A run of single databases or repositories says nothing of the others: what failed
 * there before has still failed.
 *
 * @param before what has counted so far
 * @returns `record` itself, where nothing else has failed
 */
export function withStillFailed(before: JobRecord | undefined, record: JobRecord): JobRecord {
  if (!record.partial || before?.result !== "failed") return record;
  const failed = partsOf(before).filter(({ result }) => result === "failed");
  const taken = new Set(partsOf(record).map(({ name }) => name));
  const left = failed.filter(({ name }) => !taken.has(name));
  const failedOfAll =
    before.failedOfAll ?? (failed.length === 0 && !before.partial ? before.detail : undefined);
  if (left.length === 0 && failedOfAll === undefined) return record;
  const all = failedOfAll === undefined ? {} : { failedOfAll };
  const results = { ...both(before, record), ...all };
  if (record.result === "failed") return { ...record, ...results };
  // What it said of those that work now is not true any more. One of single ones spoke of those only.
  const sentences = left.map(({ name, detail }) => `${name}: ${detail}`);
  if (failedOfAll !== undefined) sentences.unshift(failedOfAll);
  const isSame = left.length === failed.length && !before.partial;
  const detail = isSame ? before.detail : sentences.join(" ");
  return { ...before, ...results, detail };
}

/** What a run did one by one. */
function partsOf({ databases = [], backups = [], repositories = [], drills = [] }: Results) {
  return [
    ...databases.map((one) => ({ ...one, name: quoted(one.database) })),
    ...[...backups, ...repositories, ...drills].map((one) => ({
      ...one,
      name: `Repository ${one.repository}`,
    })),
  ];
}

/** The results of a run, and those of the run before where this one has none. */
function both(before: Results, now: Results): Results {
  const databases = merged(before.databases, now.databases, "database");
  const backups = merged(before.backups, now.backups, "repository");
  const repositories = merged(before.repositories, now.repositories, "repository");
  const drills = merged(before.drills, now.drills, "repository");
  return {
    ...(databases ? { databases } : {}),
    ...(backups ? { backups } : {}),
    ...(repositories ? { repositories } : {}),
    ...(drills ? { drills } : {}),
  };
}

function merged<Result>(
  before: readonly Result[] | undefined,
  now: readonly Result[] | undefined,
  key: keyof Result,
): Result[] | undefined {
  if (!before && !now) return undefined;
  const isNew = (one: Result) => !now?.some((other) => other[key] === one[key]);
  return [...(before ?? []).filter(isNew), ...(now ?? [])];
}
