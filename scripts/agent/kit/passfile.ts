import { readFileSync } from "node:fs";
import { passfileEscape } from "../../../contract/quoting";
import { Failure } from "./failure";

/** Whose password is looked for; `database` is of no matter in most files. */
export interface Login {
  host: string;
  port: number;
  user: string;
  database?: string;
}

/**
 * The password of a login by libpq's own rules: the first line that fits, `*` fits anything,
 * a backslash takes the meaning from `:` and from itself.
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
        field === "*" ||
        field === wanted[index] ||
        // Somebody who names no database takes the password for whichever one.
        (index === 2 && login.database === undefined),
    );
    if (fields.length === 4 && fits) return password;
  }
  throw new Failure(
    `The passfile ${file} has no line for user "${login.user}" on ${login.host}:${login.port}.`,
  );
}

/** A password for a passfile's line. */
export function passfileLine(login: Login, password: string): string {
  if (/[\r\n\0]/.test(password)) throw new Failure("A password must not hold a line break.");
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
