/**
 * The beginning of a database's comment while a restore fills it. Nobody may take such a database
 * for data: dumps leave it out, and a later restore reports it.
 */
export function unfinishedRestoreComment(stack: string): string {
  return `laterbase ${stack}: not finished, being restored from`;
}

/** What follows in that comment, where the new database takes its name before it is filled. */
export const oldDatabaseIs = "; the old database is ";
