import { readFileSync } from "node:fs";
import { passfileEscape } from "../../../contract/quoting";
import { Failure } from "./failure";

/** The login whose password is looked for. Without a database, a line for any database fits. */
export interface Login {
  host: string;
  port: number;
  user: string;
  database?: string;
}

/**
 * The password of a login, by libpq's rules: the first line that fits; `*` fits anything; a
 * backslash escapes `:` and itself.
 *
 * Not pgpass: it takes an escaped backslash at a field's end for an escaped colon, refuses an empty
 * password, and finds the file by the process's environment only.
 */
export function passwordFor(file: string, login: Login): string {
  let lines: string[];
  try {
    lines = readFileSync(file, "utf8").split("\n");
  } catch (error) {
    throw new Failure(`The passfile ${file} cannot be read: ${(error as Error).message}.`);
  }
  const wanted = [login.host, String(login.port), login.database ?? "*", login.user];
  for (const line of lines) {
    if (line === "" || line.startsWith("#")) continue;
    const { fields, password } = split(line);
    const fits = fields.every(
      (field, index) =>
        field === "*" || field === wanted[index] || (index === 2 && login.database === undefined),
    );
    if (fields.length === 4 && fits) return password;
  }
  throw new Failure(
    `The passfile ${file} has no line for user "${login.user}" on ${login.host}:${login.port}.`,
  );
}

/** A line of a passfile. */
export function passfileLine(login: Login, password: string): string {
  if (/[\r\n\0]/.test(password)) throw new Failure("A password cannot contain a line break.");
  const fields = [login.host, String(login.port), login.database ?? "*", login.user, password];
  return `${fields.map(passfileEscape).join(":")}\n`;
}

function split(line: string): { fields: string[]; password: string } {
  const parts: string[] = [];
  let part = "";
  for (let index = 0; index < line.length; index++) {
    const char = line[index] ?? "";
    if (char === "\\" && index + 1 < line.length) part += line[++index];
    else if (char === ":" && parts.length < 4) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  return { fields: parts, password: part };
}
