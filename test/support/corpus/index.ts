import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of SQL for psql that makes something which once did not come back. */
export interface Case {
  /** What the first line of the file says. */
  name: string;
  file: string;
  /** How the database is created. */
  create: string;
  sql: string;
}

/**
 * The files of this folder that the major can run. The first lines of a file are comments: what it
 * is, and after `create:` and `since:` how its database is made and by which major first.
 */
export function corpus(major: number): Case[] {
  return readdirSync(__dirname)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(__dirname, file), "utf8");
      const said = (key: string) => new RegExp(`^-- ${key}: (.*)$`, "m").exec(sql)?.[1];
      const name = /^-- (.*)$/m.exec(sql)![1]!;
      const since = Number(said("since") ?? 0);
      return { since, name, file: file.replace(".sql", ""), create: said("create") ?? "", sql };
    })
    .filter(({ since }) => major >= since);
}
