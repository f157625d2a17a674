/** What says which of two dumps is newer. */
export interface DatedDump {
  id: string;
  takenAt: string;
  /** The dump's number. Absent: this stack did not sign it, or an older version wrote it. */
  number?: number;
}

/**
 * For `sort`: the newest dump comes first. A clock may be wrong, so the number decides. Dumps without one come
 * after all others, by their time.
 */
export function newestFirst(a: DatedDump, b: DatedDump): number {
  return (
    (b.number ?? 0) - (a.number ?? 0) ||
    Date.parse(b.takenAt) - Date.parse(a.takenAt) ||
    b.id.localeCompare(a.id)
  );
}
