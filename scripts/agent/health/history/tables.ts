/** Another number is another form of the file. */
export const version = 1;

/** Seconds between two points of a series: raw, a minute's, an hour's, a day's. */
export const steps = { raw: 10, minute: 60, hour: 3600, day: 86_400 } as const;

/** For how many days points of each step are kept. */
export const keptDays: Readonly<Record<number, number>> = {
  [steps.raw]: 1,
  [steps.minute]: 14,
  [steps.hour]: 400,
  [steps.day]: 400,
};

/** For how many days everything else is kept. */
export const allDays = 400;

/** The name under which the verdict itself is kept: checks have names that are not empty. */
export const verdictName = "";

/** The status of a check that is not made any more. */
export const gone = "gone";

/** What a series is of: seconds that a standby is behind; used bytes of a disk; bytes of a database. */
export type Kind = "lag" | "disk" | "database";

/** A measured value. */
export interface Point {
  name: string;
  at: number;
  value: number;
}

/** How a check is, and since when. */
export interface State {
  status: string;
  since: string;
}

export interface Change extends State {
  name: string;
  sentence: string;
}

/** Times are seconds since 1970. */
export const tables = `
  CREATE TABLE known (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  -- How each check is now, and since when.
  CREATE TABLE states (
    name TEXT PRIMARY KEY, status TEXT NOT NULL, since TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE changes (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, sentence TEXT NOT NULL
  );
  CREATE INDEX changes_of_a_check ON changes (name);
  CREATE INDEX changes_in_time ON changes (at);
  -- When the monitor looked. What lies between is unknown.
  CREATE TABLE watched (began INTEGER PRIMARY KEY, ended INTEGER NOT NULL);
  CREATE TABLE records (
    job TEXT NOT NULL, ended INTEGER NOT NULL, started INTEGER NOT NULL, result TEXT NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (job, ended)
  ) WITHOUT ROWID;
  CREATE INDEX records_in_time ON records (ended);
  CREATE TABLE drills (
    repository INTEGER NOT NULL, at INTEGER NOT NULL, result TEXT NOT NULL, seconds REAL, bytes INTEGER,
    PRIMARY KEY (repository, at)
  ) WITHOUT ROWID;
  CREATE TABLE series (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name));
  CREATE TABLE points (
    series INTEGER NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (series, step, at)
  ) WITHOUT ROWID;
`;
