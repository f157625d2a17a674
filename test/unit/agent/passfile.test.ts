import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { passfileLine, passwordFor } from "../../../scripts/agent/kit/passfile";

const folder = mkdtempSync(join(tmpdir(), "lbt-passfile-"));
const file = join(folder, "pgpass");
afterAll(() => rmSync(folder, { recursive: true }));

const login = { host: "primary", port: 5432, user: "dumps" };

test("the first line that fits", () => {
  writeFileSync(
    file,
    "# a comment\nother:5432:*:dumps:no\nprimary:5432:app:dumps:app\n*:*:*:dumps:any\n",
  );
  expect(passwordFor(file, { ...login, database: "app" })).toBe("app");
  expect(passwordFor(file, { ...login, database: "shop" })).toBe("any");
  expect(passwordFor(file, { ...login, host: "other" })).toBe("no");
  expect(() => passwordFor(file, { ...login, user: "x" })).toThrow(
    `The passfile ${file} has no line for user "x" on primary:5432.`,
  );
});

test.each(["a:b", "a\\", "\\:\\\\", ":::", 'it\'s "x" é', ""])("reads back %j", (password) => {
  const odd = { ...login, user: "o:dd\\", database: "My: \\Library" };
  writeFileSync(file, passfileLine(odd, password));
  expect(passwordFor(file, odd)).toBe(password);
});

test("a password of two lines is refused", () => {
  expect(() => passfileLine(login, "a\nb")).toThrow("line break");
});

test("a file that is not there", () => {
  expect(() => passwordFor("/nowhere", login)).toThrow("The passfile /nowhere cannot be read");
});
