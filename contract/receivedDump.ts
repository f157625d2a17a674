/**
 * A dump of another place, which the operator's command puts beside the unfinished dumps for one restore.
 * Commands take its id in place of a dump's.
 */
export const receivedDump = {
  /** The id of a received dump. */
  idOf: (token: string) => `received:${token}`,
  /** The token in such an id; undefined: it is another one. */
  tokenOf: (id: string) => /^received:([0-9a-f]{16})$/.exec(id)?.[1],
  /** The folder of this token below the backups; undefined: it is no token. */
  folderFor: (token: string) =>
    /^[0-9a-f]{16}$/.test(token) ? `.partial/received-${token}` : undefined,
  /** Its folder below the backups. */
  folderOf: (token: string) => `.partial/received-${token}`,
  /** The file in it that holds the path on the operator's machine. */
  from: "from",
  /** The file in it that holds the archive, where there is no manifest. */
  archive: "archive.backup",
} as const;
